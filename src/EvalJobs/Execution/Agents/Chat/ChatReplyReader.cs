using System.Text.Json;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>
/// Reads a chat completion as real servers send it: tolerant where the meaning is clear, an error that names the place where it is not.
/// What it does not need (<c>id</c>, <c>created</c>, …) may have any form.
/// </summary>
internal static class ChatReplyReader
{
    /// <exception cref="ChatFormatException">Not a chat completion; the message says where and why.</exception>
    /// <exception cref="ChatErrorException">The body reports an error.</exception>
    public static ChatReply Read(ReadOnlyMemory<byte> body)
    {
        using var document = ChatJson.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("choices", out var choices))
            throw new ChatFormatException("it contains no 'choices'");
        if (choices.ValueKind != JsonValueKind.Array || choices.GetArrayLength() == 0)
            throw new ChatFormatException("'choices' is not a list with a choice in it");

        var read = choices.EnumerateArray().Select((choice, place) => (Index: IndexOf(choice, place), Choice: ReadChoice(choice, $"choices[{place}]")));
        return new ChatReply(
            [.. read.OrderBy(item => item.Index).Select(item => item.Choice)],
            ChatJson.Tokens(root, "prompt_tokens", "input_tokens"),
            ChatJson.Tokens(root, "completion_tokens", "output_tokens"));
    }

    private static long IndexOf(JsonElement choice, int place) =>
        choice.ValueKind == JsonValueKind.Object && choice.TryGetProperty("index", out var index) && index.ValueKind == JsonValueKind.Number
        && index.TryGetInt64(out var number)
            ? number
            : place;

    private static ChatChoice ReadChoice(JsonElement choice, string place)
    {
        if (choice.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}' is not an object");
        if (ChatError.In(choice) is { } error)
            throw new ChatErrorException(error);

        var finishReason = ChatJson.Value(choice, "finish_reason") is { ValueKind: JsonValueKind.String } reason ? ChatJson.Text(reason, $"{place}.finish_reason") : null;
        if (string.Equals(finishReason, "error", StringComparison.OrdinalIgnoreCase))
            throw new ChatErrorException(new ChatError($"{place}.finish_reason is 'error': {Excerpt.Of(choice.GetRawText(), 300)}", IsTransient: true));

        if (ChatJson.Value(choice, "message") is not { } message)
        {
            // The older completions API has the text where the message is now.
            return ChatJson.Value(choice, "text") is { ValueKind: JsonValueKind.String } text
                ? new ChatChoice { Text = ChatJson.Text(text, $"{place}.text"), Refusal = null, ToolCalls = [], FinishReason = finishReason, OtherParts = [] }
                : throw new ChatFormatException($"'{place}' has no 'message'");
        }
        if (message.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}.message' is not an object");

        var content = new ChatContent();
        if (ChatJson.Value(message, "content") is { } given)
            content.Add(given, $"{place}.message.content");
        if (ChatJson.Value(message, "refusal") is { ValueKind: JsonValueKind.String } refusal)
            content.Refusal.Append(ChatJson.Text(refusal, $"{place}.message.refusal"));

        return content.ToChoice(ReadCalls(message, $"{place}.message"), finishReason);
    }

    private static List<AgentToolCall> ReadCalls(JsonElement message, string place)
    {
        var calls = new List<AgentToolCall>();
        if (ChatJson.Value(message, "tool_calls") is { } list)
        {
            if (list.ValueKind != JsonValueKind.Array)
                throw new ChatFormatException($"'{place}.tool_calls' is not a list");
            foreach (var call in list.EnumerateArray())
                calls.Add(ReadCall(call, $"{place}.tool_calls[{calls.Count}]"));
        }

        // The older spelling of a single call.
        if (calls.Count == 0 && ChatJson.Value(message, "function_call") is { } single)
            calls.Add(ReadCall(single, $"{place}.function_call"));
        return calls;
    }

    private static AgentToolCall ReadCall(JsonElement call, string place)
    {
        if (call.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}' is not an object");

        // 'custom' tools have a free text 'input' where functions have 'arguments'.
        var function = ChatJson.Value(call, "function") ?? ChatJson.Value(call, "custom") ?? call;
        if (function.ValueKind != JsonValueKind.Object || ChatJson.Value(function, "name") is not { ValueKind: JsonValueKind.String } name)
            throw new ChatFormatException($"'{place}' names no function");

        var arguments = ChatJson.Value(function, "arguments") ?? ChatJson.Value(function, "input");
        return new AgentToolCall(
            ChatJson.Text(name, $"{place}.name"),
            arguments is { } given ? ChatJson.Text(given, $"{place}.arguments") : "",
            ChatJson.Value(call, "id") is { ValueKind: JsonValueKind.String } id ? ChatJson.Text(id, $"{place}.id") : null);
    }
}

/// <summary>The body is no chat completion; the message says why, in words that follow "Unreadable reply: ".</summary>
internal sealed class ChatFormatException(string message) : Exception(message);

/// <summary>The body reports an error instead of a reply.</summary>
internal sealed class ChatErrorException(ChatError error) : Exception(error.Words)
{
    public ChatError Error { get; } = error;
}
