using System.Text;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>Says in our words why a text cannot be read as JSON. The framework's own message counts positions in bytes and from 0, and its form may change.</summary>
internal static class JsonErrorText
{
    /// <summary>The error for JSON with too many levels; follows its name.</summary>
    public static readonly string TooDeep = $"nested deeper than {CanonicalJson.MaxDepth} levels";

    /// <param name="json">JSON that could not be read: malformed, a key twice in one object, or nested deeper than <see cref="CanonicalJson.MaxDepth"/>.</param>
    /// <param name="saysLine">Whether the line is named; false if the message begins with the place in a file.</param>
    /// <returns>Such as <c>not valid JSON: 'H' is not expected at character 3 of line 2</c>, or <c>nested deeper than 64 levels</c>.</returns>
    public static string Of(ReadOnlySpan<byte> json, bool saysLine = true) =>
        IsTooDeep(json) ? TooDeep : $"not valid JSON: {ReasonOf(json, saysLine)}";

    /// <inheritdoc cref="Of(ReadOnlySpan{byte}, bool)"/>
    public static string Of(string json) => Of(Encoding.UTF8.GetBytes(json));

    /// <returns>Whether a text is nested deeper than <see cref="CanonicalJson.MaxDepth"/>, as far as it is JSON.</returns>
    public static bool IsTooDeep(ReadOnlySpan<byte> json)
    {
        var reader = Unlimited(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= CanonicalJson.MaxDepth)
                    return true;
            }
        }
        catch (JsonException)
        {
            // Malformed before it is too deep.
        }

        return false;
    }

    /// <returns>Why a text is malformed, or which key occurs twice, such as <c>it ends too early</c>.</returns>
    public static string ReasonOf(ReadOnlySpan<byte> json, bool saysLine = true)
    {
        var reader = Unlimited(json);
        var keys = new Stack<HashSet<string>>();
        string? twice = null;
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    keys.Push(new(StringComparer.Ordinal));
                else if (reader.TokenType == JsonTokenType.EndObject)
                    keys.Pop();
                else if (reader.TokenType == JsonTokenType.PropertyName && reader.GetString()! is var name && !keys.Peek().Add(name))
                    twice ??= name;
            }

            return twice is null ? "it cannot be read" : $"the key '{twice}' occurs twice";
        }
        catch (JsonException error)
        {
            return ReasonAt(json, LineStart(json, error.LineNumber ?? 0) + (int)(error.BytePositionInLine ?? 0), saysLine);
        }
        catch (InvalidOperationException)
        {
            return "a key contains half of a surrogate pair";
        }
    }

    /// <param name="json">The text, or the part of it that has been read.</param>
    /// <param name="at">The offset of the byte that a parser did not expect; the length when there is none.</param>
    /// <param name="saysLine">Whether the line is named.</param>
    /// <param name="before">How many characters of its first line come before the part.</param>
    /// <returns>What is wrong there.</returns>
    public static string ReasonAt(ReadOnlySpan<byte> json, int at, bool saysLine, int before = 0)
    {
        if (at >= json.Length)
            return json.ContainsAnyExcept(" \t\r\n"u8) ? "it ends too early" : "it is empty";
        if (json[at] is (byte)'}' or (byte)']' && json[..at].TrimEnd(" \t\r\n"u8) is [.., (byte)','])
            return "a comma comes before a closing } or ]; remove it";

        var lineStart = json[..at].LastIndexOf((byte)'\n') + 1;
        var place = $"character {Encoding.UTF8.GetCharCount(json[lineStart..at]) + 1 + (lineStart == 0 ? before : 0)}" + (saysLine && lineStart > 0 ? $" of line {json[..at].Count((byte)'\n') + 1}" : "");
        Rune.DecodeFromUtf8(json[at..], out var found, out _);
        return found.Value switch
        {
            '\n' or '\r' => $"a text contains a line break at {place}; it is written \\n",
            < ' ' => $"the control character U+{found.Value:X4} is not expected at {place}",
            _ => $"'{found}' is not expected at {place}",
        };
    }

    /// <returns>The offset at which a line begins, counted from 0.</returns>
    public static int LineStart(ReadOnlySpan<byte> text, long line)
    {
        var start = 0;
        for (; line > 0; line--)
            start += text[start..].IndexOf((byte)'\n') + 1;
        return start;
    }

    private static Utf8JsonReader Unlimited(ReadOnlySpan<byte> json) => new(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
}
