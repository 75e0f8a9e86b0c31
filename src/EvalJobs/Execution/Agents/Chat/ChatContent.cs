using System.Text;
using System.Text.Json;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>A message's content: a text, a part, or a list of parts.</summary>
internal sealed class ChatContent
{
    // Parts of a model's thinking and sources: they are not part of the reply.
    private static readonly HashSet<string> PartsBesideTheReply = new(StringComparer.Ordinal)
    {
        "thinking", "reasoning", "redacted_thinking", "reference", "references", "citation", "citations",
    };

    public StringBuilder Text { get; } = new();
    public StringBuilder Refusal { get; } = new();
    public List<string> OtherParts { get; } = [];

    /// <summary>The choice with this content.</summary>
    public ChatChoice ToChoice(IReadOnlyList<AgentToolCall> calls, string? finishReason) => new()
    {
        Text = Text.ToString(),
        Refusal = Refusal.Length > 0 ? Refusal.ToString() : null,
        ToolCalls = calls,
        FinishReason = finishReason,
        OtherParts = OtherParts,
    };

    public void Add(JsonElement content, string place)
    {
        switch (content.ValueKind)
        {
            case JsonValueKind.String:
                Text.Append(ChatJson.Text(content, place));
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

    public void AddPart(JsonElement part, string place)
    {
        if (part.ValueKind == JsonValueKind.String)
        {
            Text.Append(ChatJson.Text(part, place));
            return;
        }
        if (part.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}' is neither a text nor a part");

        var type = ChatJson.Value(part, "type") is { ValueKind: JsonValueKind.String } given ? ChatJson.Text(given, $"{place}.type") : "text";
        if (PartsBesideTheReply.Contains(type))
            return;
        if (type == "refusal" && ChatJson.Value(part, "refusal") is { ValueKind: JsonValueKind.String } refusal)
            Refusal.Append(ChatJson.Text(refusal, $"{place}.refusal"));
        else if (type is "text" or "output_text" && TextOf(part) is { } text)
            Text.Append(ChatJson.Text(text, $"{place}.text"));
        else if (type is "text" or "output_text")
            throw new ChatFormatException($"'{place}' is a text part without 'text'");
        else
            OtherParts.Add(Excerpt.Of(type, 50));
    }

    private static JsonElement? TextOf(JsonElement part) => ChatJson.Value(part, "text") switch
    {
        { ValueKind: JsonValueKind.String } text => text,
        { ValueKind: JsonValueKind.Object } nested when ChatJson.Value(nested, "value") is { ValueKind: JsonValueKind.String } text => text,
        _ => null,
    };
}
