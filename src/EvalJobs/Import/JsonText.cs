using System.Text.Json;

namespace EvalJobs.Import;

/// <summary>Parses one JSON value of a file.</summary>
internal static class JsonText
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <exception cref="Domain.InvalidInputException">Not JSON, or a key occurs twice in one object.</exception>
    public static JsonElement Parse(ReadOnlySpan<byte> json, FilePlace place)
    {
        try
        {
            return JsonElement.Parse(json, Strict);
        }
        catch (JsonException error)
        {
            throw place.JsonError(error, json);
        }
        catch (InvalidOperationException error)
        {
            throw place.Error("not valid JSON: a key contains half of a surrogate pair.", inner: error);
        }
    }
}
