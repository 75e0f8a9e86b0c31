using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>Chat completions, as OpenAI and most other services and servers offer them. See docs/guide/agents.md.</summary>
internal sealed class ChatCompletionsForm : ChatForm
{
    /// <summary>The form; it keeps no state.</summary>
    public static ChatCompletionsForm Instance { get; } = new();

    public override string Type => "openai-chat";

    public override Uri PublicUrl { get; } = new("https://api.openai.com/v1");

    public override string Path => "chat/completions";

    public override IReadOnlyList<string> ModelSettings { get; } =
        ["model", "temperature", "topP", "maxOutputTokens", "maxTokensField", "seed", "stop", "reasoningEffort", "responseFormat"];

    public override IReadOnlySet<string> OwnFields { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "model", "messages", "tools", "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "stop", "reasoning_effort",
        "response_format", "n", "stream", "stream_options",
    };

    public override string AnswersAre => "a chat completion";

    public override string ToolsAre => "OpenAI function tools";

    public override IEnumerable<KeyValuePair<string, JsonElement>> FieldsOf(JsonSettings model)
    {
        var spelling = model.Text("maxTokensField") ?? "max_completion_tokens";
        if (spelling is not ("max_completion_tokens" or "max_tokens"))
            throw new InvalidInputException($"modelConfig.maxTokensField ({Excerpt.Of(spelling, 50)}) must be max_completion_tokens or max_tokens.");

        return Given(
            ("temperature", model.GivenNumber("temperature", 0, 100)),
            ("top_p", model.GivenNumber("topP", 0, 1)),
            (spelling, model.GivenWhole("maxOutputTokens", 1, int.MaxValue)),
            ("seed", model.GivenWhole("seed", long.MinValue, long.MaxValue)),
            ("stop", StopOf(model)),
            ("reasoning_effort", model.Text("reasoningEffort") is null ? null : model.Value("reasoningEffort")),
            ("response_format", model.Object("responseFormat")));
    }

    public override void ValidateTool(string name, JsonElement tool)
    {
        var outer = new JsonSettings(name, tool, "type", "function");
        if (outer.RequiredText("type") != "function" || outer.Value("function") is not { } function)
            throw new InvalidInputException($"{name} must be {{ \"type\": \"function\", \"function\": {{ \"name\": … }} }}.");

        var settings = new JsonSettings($"{name}.function", function, "name", "description", "parameters", "strict");
        settings.RequiredText("name");
        settings.Text("description");
        if (settings.Value("parameters") is { ValueKind: not JsonValueKind.Object })
            throw new InvalidInputException($"{name}.function.parameters must be a JSON schema object.");
        if (settings.Value("strict") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
            throw new InvalidInputException($"{name}.function.strict must be true or false.");
    }

    public override ChatReply Read(ReadOnlyMemory<byte> body) => ChatReplyReader.Read(body);

    protected override void WritePrompt(Utf8JsonWriter writer, ChatRequest request)
    {
        writer.WriteStartArray("messages");
        if (request.System is not null)
            WriteMessage(writer, "system", request.System);
        WriteMessage(writer, "user", request.User);
        writer.WriteEndArray();
    }
}
