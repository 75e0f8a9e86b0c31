using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>Anthropic's Messages API, and servers that offer the same. See docs/guide/agents.md.</summary>
internal sealed class AnthropicMessagesForm : ChatForm
{
    public override string Type => "anthropic-messages";

    public override Uri PublicUrl { get; } = new("https://api.anthropic.com/v1");

    public override string Path => "messages";

    public override string KeyHeader => "x-api-key";

    public override string VersionHeader => "anthropic-version";

    public override string DefaultVersion => "2023-06-01";

    public override IReadOnlyList<string> ModelSettings { get; } = ["model", "temperature", "topP", "maxOutputTokens", "stop"];

    public override IReadOnlySet<string> OwnFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "model", "max_tokens", "messages", "system", "tools", "temperature", "top_p", "stop_sequences", "stream",
    };

    public override string AnswersAre => "an answer of the Messages API";

    public override string ToolsAre => "tools of the Messages API";

    public override IEnumerable<KeyValuePair<string, JsonElement>> FieldsOf(JsonSettings model)
    {
        var maxTokens = model.GivenWhole("maxOutputTokens", 1, int.MaxValue)
            ?? throw new InvalidInputException("modelConfig.maxOutputTokens is missing; the Messages API does not answer without a limit.");
        return Given(
            ("max_tokens", maxTokens),
            ("temperature", model.GivenNumber("temperature", 0, 1)),
            ("top_p", model.GivenNumber("topP", 0, 1)),
            ("stop_sequences", StopOf(model) is { ValueKind: JsonValueKind.String } single ? JsonElement.Parse($"[{single.GetRawText()}]") : StopOf(model)));
    }

    public override void ValidateTool(string name, JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{name} must be an object, such as {{ \"name\": …, \"input_schema\": … }}.");
        if (ChatJson.Value(tool, "name") is not { ValueKind: JsonValueKind.String } given || given.GetString()!.Length == 0)
            throw new InvalidInputException($"{name}.name is missing.");

        // Tools of the service itself have a type and no schema.
        if (ChatJson.Value(tool, "type") is not { ValueKind: JsonValueKind.String } && ChatJson.Value(tool, "input_schema") is not { ValueKind: JsonValueKind.Object })
            throw new InvalidInputException($"{name}.input_schema must be a JSON schema object.");
    }

    public override ChatReply Read(ReadOnlyMemory<byte> body)
    {
        using var document = ChatJson.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || ChatJson.Value(root, "content") is not { ValueKind: JsonValueKind.Array } parts)
            throw new ChatFormatException("it contains no list 'content'");

        var content = new ChatContent();
        var calls = new List<AgentToolCall>();
        var index = 0;
        foreach (var part in parts.EnumerateArray())
        {
            var place = $"content[{index++}]";
            if (part.ValueKind == JsonValueKind.Object && ChatJson.TextOf(part, "type") == "tool_use")
                calls.Add(ChatJson.Call(part, place, ChatJson.Value(part, "input"), idKey: "id"));
            else
                content.AddPart(part, place);
        }

        // What was read from or written to the service's cache is counted separately, but was also read.
        var read = ChatJson.Tokens(root, "input_tokens");
        var cached = (ChatJson.Tokens(root, "cache_creation_input_tokens") ?? 0) + (ChatJson.Tokens(root, "cache_read_input_tokens") ?? 0);
        return new ChatReply([content.ToChoice(calls, ChatJson.TextOf(root, "stop_reason"))], read + cached, ChatJson.Tokens(root, "output_tokens"));
    }

    protected override void WritePrompt(Utf8JsonWriter writer, ChatRequest request)
    {
        if (request.System is not null)
            writer.WriteString("system", request.System);
        writer.WriteStartArray("messages");
        WriteMessage(writer, "user", request.User);
        writer.WriteEndArray();
    }
}
