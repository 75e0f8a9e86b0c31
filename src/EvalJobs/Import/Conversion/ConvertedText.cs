using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>Converts inputs and expected outputs of other tools.</summary>
internal static class ConvertedText
{
    private const string MessagesNote = "Chat messages became one text: a case asks one text; put instructions for all cases into the genome's prompt.";

    /// <returns>The property; null when it is absent or JSON null.</returns>
    public static JsonElement? Find(JsonElement source, string name) =>
        source.ValueKind == JsonValueKind.Object && source.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <returns>Whether a property has content: it is not null, and not an empty text, list or object.</returns>
    public static bool IsGiven(JsonElement source, string name) => Find(source, name) is { } value && value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!.Length > 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        JsonValueKind.Object => value.EnumerateObject().Any(),
        _ => true,
    };

    /// <returns>A text unchanged, chat messages as one text, the only property of an object with one property, and any other value as JSON.</returns>
    public static string Of(JsonElement value, ConversionReport report)
    {
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!;
        if (IsMessages(value))
            return OfMessages(value, report);
        if (value.ValueKind == JsonValueKind.Object && value.EnumerateObject().Take(2).ToList() is [var only])
            return Of(only.Value, report);
        return CanonicalJson.Of(value);
    }

    /// <returns>
    /// The contents of chat messages. A single message is returned alone. Messages without one of the assistant are joined. Otherwise each message
    /// begins with its role.
    /// </returns>
    /// <exception cref="UnsupportedCaseException">A message contains more than text, such as an image or a tool call.</exception>
    private static string OfMessages(JsonElement messages, ConversionReport report)
    {
        var turns = messages.EnumerateArray().Select(message => (Role: message.GetProperty("role").GetString()!, Text: ContentOf(message))).ToList();
        if (turns is [var only])
            return only.Text;

        report.AddNote(MessagesNote);
        return turns.Exists(turn => turn.Role is not ("system" or "developer" or "user"))
            ? string.Join("\n\n", turns.Select(turn => $"{char.ToUpperInvariant(turn.Role[0])}{turn.Role[1..]}: {turn.Text}"))
            : string.Join("\n\n", turns.Select(turn => turn.Text));
    }

    private static bool IsMessages(JsonElement value) =>
        value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0
        && value.EnumerateArray().All(message => Find(message, "role") is { ValueKind: JsonValueKind.String } role && role.GetString()!.Length > 0
            && (message.TryGetProperty("content", out _) || message.TryGetProperty("tool_calls", out _)));

    private static string ContentOf(JsonElement message)
    {
        if (IsGiven(message, "tool_calls") || IsGiven(message, "function_call"))
            throw new UnsupportedCaseException("a message contains tool calls.");
        return Find(message, "content") switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray().Select(PartOf)),
            _ => throw new UnsupportedCaseException("a message's content is not a text."),
        };
    }

    private static string PartOf(JsonElement part) =>
        part.ValueKind == JsonValueKind.String ? part.GetString()!
        : Find(part, "text") is { ValueKind: JsonValueKind.String } text ? text.GetString()!
        : throw new UnsupportedCaseException("a message contains a part that is not a text, such as an image.");
}
