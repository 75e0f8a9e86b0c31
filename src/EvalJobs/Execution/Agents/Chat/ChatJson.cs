using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>Reads single values of a model service's answer; every error names the place.</summary>
internal static class ChatJson
{
    /// <returns>The answer, to be disposed by the caller.</returns>
    /// <exception cref="ChatFormatException">Not JSON.</exception>
    /// <exception cref="ChatErrorException">The answer as a whole reports an error.</exception>
    public static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..];
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            throw new ChatFormatException(JsonErrorText.Of(body.Span));
        }

        if (ChatError.In(document.RootElement) is not { } reported)
            return document;
        document.Dispose();
        throw new ChatErrorException(reported);
    }

    /// <returns>The value; null when it is absent or JSON null.</returns>
    public static JsonElement? Value(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <returns>The value as a text; other values as their JSON.</returns>
    public static string Text(JsonElement value, string place)
    {
        try
        {
            return JsonPath.TextOf(value);
        }
        catch (InvalidInputException error)
        {
            throw new ChatFormatException($"'{place}': {error.Message}");
        }
    }

    /// <returns>A text; null when there is none, or something else.</returns>
    public static string? TextOf(JsonElement element, string name) =>
        Value(element, name) is { ValueKind: JsonValueKind.String } text ? Text(text, name) : null;

    /// <summary>One call of a tool, named by <c>name</c>.</summary>
    public static AgentToolCall Call(JsonElement call, string place, JsonElement? arguments, string idKey) => new(
        Value(call, "name") is { ValueKind: JsonValueKind.String } name ? Text(name, $"{place}.name") : throw new ChatFormatException($"'{place}' names no function"),
        arguments is { } given ? Text(given, $"{place}.arguments") : "",
        TextOf(call, idKey));

    /// <returns>A figure in the answer's <c>usage</c>, under the first of the names that is there; null when there is none, or it is not a whole number.</returns>
    public static long? Tokens(JsonElement root, params ReadOnlySpan<string> names)
    {
        if (Value(root, "usage") is not { ValueKind: JsonValueKind.Object } usage)
            return null;
        foreach (var name in names)
        {
            if (Value(usage, name) is { } given)
            {
                return given.ValueKind == JsonValueKind.Number && given.TryGetDouble(out var tokens) && tokens >= 0 && tokens <= long.MaxValue / 2 && Math.Floor(tokens) == tokens
                    ? (long)tokens
                    : null;
            }
        }
        return null;
    }
}
