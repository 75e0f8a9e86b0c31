using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>OpenAI's Responses API, and servers that offer the same. See docs/guide/agents.md.</summary>
internal sealed class OpenAiResponsesForm : ChatForm
{
    public override string Type => "openai-responses";

    public override Uri PublicUrl { get; } = new("https://api.openai.com/v1");

    public override string Path => "responses";

    public override IReadOnlyList<string> ModelSettings { get; } = ["model", "temperature", "topP", "maxOutputTokens", "reasoningEffort", "responseFormat"];

    public override IReadOnlySet<string> OwnFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "model", "input", "instructions", "tools", "temperature", "top_p", "max_output_tokens", "stream", "stream_options", "background",
    };

    public override string AnswersAre => "an answer of the Responses API";

    public override string ToolsAre => "tools of the Responses API";

    public override IEnumerable<KeyValuePair<string, JsonElement>> FieldsOf(JsonSettings model) => Given(
        ("temperature", model.GivenNumber("temperature", 0, 100)),
        ("top_p", model.GivenNumber("topP", 0, 1)),
        ("max_output_tokens", model.GivenWhole("maxOutputTokens", 1, int.MaxValue)),
        ("reasoning", model.Text("reasoningEffort") is null ? null : Inside("effort", model.Value("reasoningEffort"))),
        ("text", Inside("format", model.Object("responseFormat"))));

    public override void ValidateTool(string name, JsonElement tool)
    {
        if (tool.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{name} must be an object, such as {{ \"type\": \"function\", \"name\": … }}.");
        if (Text(tool, "type") is not { } type)
            throw new InvalidInputException($"{name}.type is missing.");
        if (type == "function" && Text(tool, "name") is null)
            throw new InvalidInputException($"{name}.name is missing; a function of this API has its name next to its type, not in 'function'.");

        static string? Text(JsonElement tool, string key) =>
            ChatJson.Value(tool, key) is { ValueKind: JsonValueKind.String } text && text.GetString() is { Length: > 0 } given ? given : null;
    }

    public override ChatReply Read(ReadOnlyMemory<byte> body)
    {
        using var document = ChatJson.Parse(body);
        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || ChatJson.Value(root, "output") is not { ValueKind: JsonValueKind.Array } output)
            throw new ChatFormatException("it contains no list 'output'");

        var status = ChatJson.TextOf(root, "status");
        if (status is "queued" or "in_progress")
            throw new ChatFormatException($"its status is '{status}': the reply is not there yet");

        var content = new ChatContent();
        var calls = new List<AgentToolCall>();
        var index = 0;
        foreach (var item in output.EnumerateArray())
            AddItem(item, $"output[{index++}]", content, calls);

        var reason = ChatJson.Value(root, "incomplete_details") is { ValueKind: JsonValueKind.Object } details ? ChatJson.TextOf(details, "reason") : null;
        var choice = content.ToChoice(calls, reason ?? status);
        return new ChatReply([choice], ChatJson.Tokens(root, "input_tokens"), ChatJson.Tokens(root, "output_tokens"));
    }

    protected override void WritePrompt(Utf8JsonWriter writer, ChatRequest request)
    {
        if (request.System is not null)
            writer.WriteString("instructions", request.System);
        writer.WriteString("input", request.User);
    }

    private static void AddItem(JsonElement item, string place, ChatContent content, List<AgentToolCall> calls)
    {
        if (item.ValueKind != JsonValueKind.Object)
            throw new ChatFormatException($"'{place}' is not an object");
        switch (ChatJson.TextOf(item, "type"))
        {
            case "message":
                if (ChatJson.Value(item, "content") is { } given)
                    content.Add(given, $"{place}.content");
                break;
            case "function_call" or "custom_tool_call":
                calls.Add(ChatJson.Call(item, place, ChatJson.Value(item, "arguments") ?? ChatJson.Value(item, "input"), idKey: "call_id"));
                break;
            case "reasoning":
                break;
            case var type:
                content.OtherParts.Add(Excerpt.Of(type ?? "(no type)", 50));
                break;
        }
    }

    private static JsonElement? Inside(string key, JsonElement? value) =>
        value is { } given ? JsonElement.Parse($"{{\"{key}\":{given.GetRawText()}}}") : null;
}
