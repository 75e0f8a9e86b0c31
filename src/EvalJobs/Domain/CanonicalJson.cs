using System.Text.Encodings.Web;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// One spelling for equal JSON: object keys sorted by UTF-16 code unit, no insignificant whitespace, strings escaped one way.
/// Numbers keep the digits they were written with, so nothing is lost to rounding; <c>1</c> and <c>1.0</c> are therefore different values.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonWriterOptions WriterOptions = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = false,
    };

    /// <summary>Writes the canonical form of a JSON text.</summary>
    /// <exception cref="InvalidInputException">Not JSON, a key occurs twice, or a string holds half of a surrogate pair.</exception>
    public static string Of(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return Of(document.RootElement);
        }
        catch (JsonException error)
        {
            throw new InvalidInputException($"Not valid JSON: {error.Message}", error);
        }
    }

    /// <inheritdoc cref="Of(string)"/>
    public static string Of(JsonElement element)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions))
            Write(writer, element, "$");
        return System.Text.Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter writer, JsonElement element, string path)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                string? previous = null;
                foreach (var property in element.EnumerateObject().OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    // Two values under one key mean different things to different readers; a hash over them would prove nothing.
                    if (property.Name == previous)
                        throw new InvalidInputException($"The key '{property.Name}' occurs twice in {path}.");
                    previous = property.Name;
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value, $"{path}.{property.Name}");
                }
                writer.WriteEndObject();
                break;

            case JsonValueKind.Array:
                writer.WriteStartArray();
                var index = 0;
                foreach (var item in element.EnumerateArray())
                    Write(writer, item, $"{path}[{index++}]");
                writer.WriteEndArray();
                break;

            case JsonValueKind.String:
                writer.WriteStringValue(Text(element, path));
                break;

            default:
                writer.WriteRawValue(element.GetRawText(), skipInputValidation: true);
                break;
        }
    }

    private static string Text(JsonElement element, string path)
    {
        try
        {
            return element.GetString()!;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidInputException($"The string at {path} holds half of a surrogate pair.", error);
        }
    }
}
