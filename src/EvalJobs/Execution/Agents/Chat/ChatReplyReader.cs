using System.Text;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>
/// Reads a chat completion as real servers send it: tolerant where the meaning is clear, an error that names the place where it is not.
/// What it does not need (<c>id</c>, <c>created</c>, …) may have any form.
/// </summary>
internal static class ChatReplyReader
{
    // Parts of a model's thinking and sources: beside the reply, not part of it.
    private static readonly HashSet<string> PartsBesideTheReply = new(StringComparer.Ordinal)
    {
        "thinking", "reasoning", "redacted_thinking", "reference", "references", "citation", "citations",
    };

    /// <exception cref="ChatFormatException">Not a chat completion; the message says where and why.</exception>
    /// <exception cref="ChatErrorException">The body reports an error.</exception>
    public static ChatReply Read(ReadOnlyMemory<byte> body)
    {
        using var document = Parse(body);
        var root = document.RootElement;
        if (ChatError.In(root) is { } error)
            throw new ChatErrorException(error);
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("choices", out var choices))
            throw new ChatFormatException("it holds no 'choices'");
        if (choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
            throw new ChatFormatException("'choices' is no list with a choice in it");

        var read = choices.EnumerateArray().Select((choice, place) => (Index: IndexOf(choice, place), Choice: ReadChoice(choice, $"choices[{place}]")));
        return new ChatReply(
            [.. read.OrderBy(item => item.Index).Select(item => item.Choice)],
            Tokens(root, "prompt_tokens", "input_tokens"),
            Tokens(root, "completion_tokens", "output_tokens"));
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(Encoding.UTF8.Preamble))
            body = body[Encoding.UTF8.Preamble.Length..];
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException error)
        {
            throw new ChatFormatException($"not JSON ({error.Message})");
        }
    }

    private static long IndexOf(JsonElement choice, int place) =>
        choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("index", out var index) && index.ValueKind == JsonValueKind.Number
        && index.TryGetInt64(out var number)
            ? number
            : place;

    private static ChatChoice ReadChoice(JsonElement choice, string place)
    {
        if (choice.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}' is no object");
        if (ChatError.In(choice) is { } error)
            throw new ChatErrorException(error);

        var finishReason = Value(choice, "finish_reason") is { ValueKind: JsonValueKind.String } reason ? Text(reason, $"{place}.finish_reason") : null;
        if (string.Equals(finishReason, "error", StringComparison.OrdinalIgnoreCase))
            throw new ChatErrorException(new ChatError($"{place}.finish_reason is 'error': {Excerpt.Of(choice.GetRawText(), 300)}", IsTransient: true));

        if (Value(choice, "message") is not { } message)
        {
            // The older completions API has the text where the message is now.
            return Value(choice, "text") is { ValueKind: JsonValueKind.String } text
                ? new ChatChoice { Text = Text(text, $"{place}.text"), Refusal = null, ToolCalls = [], FinishReason = finishReason, OtherParts = [] }
                : throw new ChatFormatException($"'{place}' has no 'message'");
        }
        if (message.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}.message' is no object");

        var content = new Content();
        if (Value(message, "content") is { } given)
            content.Add(given, $"{place}.message.content");
        if (Value(message, "refusal") is { ValueKind: JsonValueKind.String } refusal)
            content.Refusal.Append(Text(refusal, $"{place}.message.refusal"));

        return new ChatChoice
        {
            Text = content.Text.ToString(),
            Refusal = content.Refusal.Length > 0 ? content.Refusal.ToString() : null,
            ToolCalls = ReadCalls(message, $"{place}.message"),
            FinishReason = finishReason,
            OtherParts = content.OtherParts,
        };
    }

    private static List<AgentToolCall> ReadCalls(JsonElement message, string place)
    {
        var calls = new List<AgentToolCall>();
        if (Value(message, "tool_calls") is { } list)
        {
            if (list.ValueKind != JsonValueKind.Array)
                throw new ChatFormatException($"'{place}.tool_calls' is no list");
            foreach (var call in list.EnumerateArray())
                calls.Add(ReadCall(call, $"{place}.tool_calls[{calls.Count}]"));
        }

        // The older spelling of a single call.
        if (calls.Count == 0 && Value(message, "function_call") is { } single)
            calls.Add(ReadCall(single, $"{place}.function_call"));
        return calls;
    }

    private static AgentToolCall ReadCall(JsonElement call, string place)
    {
        if (call.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}' is no object");

        // 'custom' tools have a free text 'input' where functions have 'arguments'.
        var function = Value(call, "function") ?? Value(call, "custom") ?? call;
        if (function.ValueKind != JsonValueKind.Object || Value(function, "name") is not { ValueKind: JsonValueKind.String } name)
            throw new ChatFormatException($"'{place}' names no function");

        var arguments = Value(function, "arguments") ?? Value(function, "input");
        return new AgentToolCall(
            Text(name, $"{place}.name"),
            arguments is { } given ? Text(given, $"{place}.arguments") : "",
            Value(call, "id") is { ValueKind: JsonValueKind.String } id ? Text(id, $"{place}.id") : null);
    }

    private static long? Tokens(JsonElement root, string name, string otherName)
    {
        if (Value(root, "usage") is not { ValueKind: JsonValueKind.Object } usage)
            return null;
        var given = Value(usage, name) ?? Value(usage, otherName);
        return given is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var tokens) && tokens >= 0 && tokens <= long.MaxValue / 2
            && Math.Floor(tokens) == tokens
                ? (long)tokens
                : null;
    }

    private static JsonElement? Value(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    private static string Text(JsonElement value, string place)
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

    /// <summary>A message's content: a text, a part, or a list of parts.</summary>
    private sealed class Content
    {
        public StringBuilder Text { get; } = new();
        public StringBuilder Refusal { get; } = new();
        public List<string> OtherParts { get; } = [];

        public void Add(JsonElement content, string place)
        {
            switch (content.ValueKind)
            {
                case JsonValueKind.String:
                    Text.Append(ChatReplyReader.Text(content, place));
                    break;
                case JsonValueKind.Array:
                    var index = 0;
                    foreach (var part in content.EnumerateArray())
                        AddPart(part, $"{place}[{index++}]");
                    break;
                case JsonValueKind.Object:
                    AddPart(content, place);
                    break;
                default:
                    throw new ChatFormatException($"'{place}' is {content.GetRawText()}, neither a text nor a list of parts");
            }
        }

        private void AddPart(JsonElement part, string place)
        {
            if (part.ValueKind == JsonValueKind.String)
            {
                Text.Append(ChatReplyReader.Text(part, place));
                return;
            }
            if (part.ValueKind != JsonValueKind.Object)
                throw new ChatFormatException($"'{place}' is neither a text nor a part");

            var type = Value(part, "type") is { ValueKind: JsonValueKind.String } given ? ChatReplyReader.Text(given, $"{place}.type") : "text";
            if (PartsBesideTheReply.Contains(type))
                return;
            if (type == "refusal" && Value(part, "refusal") is { ValueKind: JsonValueKind.String } refusal)
                Refusal.Append(ChatReplyReader.Text(refusal, $"{place}.refusal"));
            else if (type is "text" or "output_text" && TextOf(part) is { } text)
                Text.Append(ChatReplyReader.Text(text, $"{place}.text"));
            else if (type is "text" or "output_text")
                throw new ChatFormatException($"'{place}' is a text part without 'text'");
            else
                OtherParts.Add(Excerpt.Of(type, 50));
        }

        private static JsonElement? TextOf(JsonElement part) => Value(part, "text") switch
        {
            { ValueKind: JsonValueKind.String } text => text,
            { ValueKind: JsonValueKind.Object } nested when Value(nested, "value") is { ValueKind: JsonValueKind.String } text => text,
            _ => null,
        };
    }
}

/// <summary>The body is no chat completion; the message says why, in words that follow "Unreadable reply: ".</summary>
internal sealed class ChatFormatException(string message) : Exception(message);

/// <summary>The body reports an error instead of a reply.</summary>
internal sealed class ChatErrorException(ChatError error) : Exception(error.Words)
{
    public ChatError Error { get; } = error;
}
