namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>The choices made for an uploaded file, and the outcome of an attempt to import it.</summary>
/// <param name="Fields">The fields of the form, without the file.</param>
/// <param name="Error">The error when the form was sent; null when there was none.</param>
internal sealed record StoredChoices(IFormCollection Fields, UploadError? Error)
{
    /// <summary>Characters of all fields.</summary>
    public int Length { get; } = Fields.Sum(field => field.Key.Length + field.Value.Sum(value => value?.Length ?? 0));

    /// <returns>The choices of a posted form, without the fields of its sending.</returns>
    public static StoredChoices Of(IFormCollection form, UploadError? error) => new(
        new FormCollection(form.Where(field => field.Key is not ("do" or "kept" or SubmitOnce.Field) && !field.Key.StartsWith("__", StringComparison.Ordinal))
            .ToDictionary(StringComparer.OrdinalIgnoreCase)),
        error);
}

/// <summary>Why a form with a file was rejected.</summary>
/// <param name="Field">The field next to which it is shown.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="IsOfContent">Whether the import found it in the file: then a preview of the whole file shows all errors.</param>
internal sealed record UploadError(string Field, string Message, bool IsOfContent = false);
