using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>Says which cases of a run have no verdict; it is shown with the run's outcome everywhere.</summary>
internal static class MissingVerdicts
{
    /// <returns>Such as <c>2 ERRORED, 1 UNSCORED</c>; null when every case has a verdict.</returns>
    public static string? Describe(int errored, int unscored)
    {
        string?[] parts =
        [
            errored == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{errored} ERRORED"),
            unscored == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"{unscored} UNSCORED"),
        ];
        var text = string.Join(", ", parts.OfType<string>());
        return text.Length == 0 ? null : text;
    }
}
