using System.Globalization;
using System.Text;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>
/// One text for equal JSON: object keys sorted by UTF-16 code unit, no insignificant whitespace, strings escaped one way.
/// Numbers keep the digits they were written with, so nothing is lost to rounding; <c>1</c> and <c>1.0</c> are therefore different values.
/// </summary>
/// <remarks>
/// Strings are written as in RFC 8785: only <c>"</c>, <c>\</c> and the control characters below U+0020 are escaped. The framework's encoders
/// also escape characters that are not in their Unicode table, so the same genome would hash differently on another version of .NET.
/// </remarks>
internal static class CanonicalJson
{
    /// <summary>The deepest nesting of arrays and objects: 64 levels.</summary>
    public const int MaxDepth = 64;

    /// <summary>Writes the canonical form of a JSON text.</summary>
    /// <exception cref="InvalidInputException">
    /// Not JSON, nested deeper than <see cref="MaxDepth"/>, a key occurs twice, or a string or key holds half of a surrogate pair.
    /// </exception>
    public static string Of(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Of(document.RootElement);
        }
        catch (JsonException error)
        {
            var bytes = Encoding.UTF8.GetBytes(json);
            throw JsonErrorText.IsTooDeep(bytes) ? TooDeep() : new InvalidInputException($"Not valid JSON: {JsonErrorText.ReasonOf(bytes)}.", error);
        }
        catch (ArgumentException error)
        {
            // JsonDocument throws this for half of a surrogate pair in the text itself, not as an escape.
            throw new InvalidInputException("Not valid JSON: the text contains half of a surrogate pair.", error);
        }
    }

    /// <inheritdoc cref="Of(string)"/>
    public static string Of(JsonElement element)
    {
        var text = new StringBuilder();
        Write(text, element, "$", depth: 0);
        return text.ToString();
    }

    private static InvalidInputException TooDeep() => new($"The JSON is {JsonErrorText.TooDeep}.");

    private static void Write(StringBuilder text, JsonElement element, string path, int depth)
    {
        if (element.ValueKind is JsonValueKind.Object or JsonValueKind.Array && ++depth > MaxDepth)
            throw TooDeep();

        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                text.Append('{');
                string? previous = null;
                foreach (var (name, value) in Properties(element, path).OrderBy(property => property.Name, StringComparer.Ordinal))
                {
                    // Readers differ in which of two values under one key they use, so a hash would prove nothing.
                    if (name == previous)
                        throw new InvalidInputException($"The key '{name}' occurs twice in {path}.");
                    if (previous is not null)
                        text.Append(',');
                    previous = name;
                    WriteString(text, name);
                    text.Append(':');
                    Write(text, value, $"{path}.{name}", depth);
                }
                text.Append('}');
                break;

            case JsonValueKind.Array:
                text.Append('[');
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    if (index > 0)
                        text.Append(',');
                    Write(text, item, $"{path}[{index++}]", depth);
                }
                text.Append(']');
                break;

            case JsonValueKind.String:
                WriteString(text, Text(element, path));
                break;

            default:
                text.Append(element.GetRawText());
                break;
        }
    }

    private static void WriteString(StringBuilder text, string value)
    {
        text.Append('"');
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' => text.Append("\\\""),
                '\\' => text.Append("\\\\"),
                '\b' => text.Append("\\b"),
                '\t' => text.Append("\\t"),
                '\n' => text.Append("\\n"),
                '\f' => text.Append("\\f"),
                '\r' => text.Append("\\r"),
                < ' ' => text.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => text.Append(c),
            };
        }
        text.Append('"');
    }

    private static IEnumerable<(string Name, JsonElement Value)> Properties(JsonElement element, string path)
    {
        foreach (var property in element.EnumerateObject())
            yield return (Name(property, path), property.Value);
    }

    private static string Name(JsonProperty property, string path)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException error)
        {
            throw new InvalidInputException($"A key in {path} contains half of a surrogate pair.", error);
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
            throw new InvalidInputException($"The string at {path} contains half of a surrogate pair.", error);
        }
    }
}
