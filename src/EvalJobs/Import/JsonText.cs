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
            throw place.JsonError(error, HasTrailingComma(json));
        }
        catch (InvalidOperationException error)
        {
            throw place.Error("not valid JSON: a key holds half of a surrogate pair.", inner: error);
        }
    }

    /// <returns>Whether a comma stands before a closing bracket, outside of texts.</returns>
    public static bool HasTrailingComma(ReadOnlySpan<byte> json)
    {
        var (isText, isEscaped, last) = (false, false, (byte)0);
        foreach (var each in json)
        {
            if (isText)
            {
                isText = isEscaped || each != '"';
                isEscaped = !isEscaped && each == '\\';
                continue;
            }

            if (each is (byte)'}' or (byte)']' && last == (byte)',')
                return true;
            isText = each == '"';
            if (each is not ((byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n'))
                last = each;
        }

        return false;
    }
}
