using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>A genome as far as <c>openai-chat</c> uses it, checked.</summary>
internal sealed record OpenAiChatGenome
{
    private const string Input = "input";

    // What EvalJobs writes itself; a second value would contradict it. 'n' and 'stream' change the form of the answer.
    private static readonly HashSet<string> OwnFields = new(StringComparer.Ordinal)
    {
        "model", "messages", "tools", "temperature", "top_p", "max_tokens", "max_completion_tokens", "seed", "stop", "reasoning_effort",
        "response_format", "n", "stream", "stream_options",
    };

    public required ChatEndpoint Endpoint { get; init; }

    public required IReadOnlyList<KeyValuePair<string, JsonElement>> Fields { get; init; }

    public required TokenPricing? Pricing { get; init; }

    public required string? SystemPrompt { get; init; }

    public required string UserPrompt { get; init; }

    /// <exception cref="InvalidInputException">Something is missing or wrong; the message names the field.</exception>
    public static OpenAiChatGenome Read(Genome genome)
    {
        var target = new JsonSettings("target", genome.Target, ["type", .. ChatEndpoint.Settings]);
        var model = new JsonSettings("modelConfig", genome.Section("modelConfig") ?? JsonElement.Parse("{}"),
            "model", "temperature", "topP", "maxOutputTokens", "maxTokensField", "seed", "stop", "reasoningEffort", "responseFormat", "extraBody", "pricing");

        if ((target.Text("model") ?? model.Text("model")) is null && target.Text("apiVersion") is null)
            throw new InvalidInputException("modelConfig.model is missing: the name of the model to ask.");
        var (system, user) = PromptOf(genome.Section("prompt"));

        return new OpenAiChatGenome
        {
            Endpoint = ChatEndpoint.Read("target", target, model.Text("model")),
            Fields = [.. FieldsOf(model), .. ToolsOf(genome.Section("toolManifest"))],
            Pricing = TokenPricing.Read(model.Value("pricing")),
            SystemPrompt = system,
            UserPrompt = user,
        };
    }

    public ChatRequest RequestFor(AgentQuestion question)
    {
        var user = new ChatMessage("user", Placeholders.Fill(UserPrompt, mark => mark == Input ? question.Input : $"{{{{{mark}}}}}"));
        return new ChatRequest(SystemPrompt is null ? [user] : [new ChatMessage("system", SystemPrompt), user], Fields);
    }

    private static (string? System, string User) PromptOf(JsonElement? prompt)
    {
        if (prompt is null)
            return (null, "{{input}}");
        if (prompt.Value.ValueKind == JsonValueKind.String)
            return (prompt.Value.GetString() is { Length: > 0 } text ? text : null, "{{input}}");

        var settings = new JsonSettings("prompt", prompt.Value, "system", "user");
        var user = settings.Text("user") ?? "{{input}}";
        return Placeholders.In(user).Contains(Input, StringComparer.Ordinal)
            ? (settings.Text("system"), user)
            : throw new InvalidInputException("prompt.user must hold {{input}}, or the model would never see the question.");
    }

    private static IEnumerable<KeyValuePair<string, JsonElement>> FieldsOf(JsonSettings model)
    {
        var fields = new List<KeyValuePair<string, JsonElement>>();
        Add("temperature", model.Number("temperature", 0, 100) is null ? null : model.Value("temperature"));
        Add("top_p", model.Number("topP", 0, 1) is null ? null : model.Value("topP"));

        var spelling = model.Text("maxTokensField") ?? "max_completion_tokens";
        if (spelling is not ("max_completion_tokens" or "max_tokens"))
            throw new InvalidInputException($"modelConfig.maxTokensField ({Excerpt.Of(spelling, 50)}) must be max_completion_tokens or max_tokens.");
        Add(spelling, model.Whole("maxOutputTokens", 1, int.MaxValue) is null ? null : model.Value("maxOutputTokens"));

        Add("seed", model.Whole("seed", long.MinValue, long.MaxValue) is null ? null : model.Value("seed"));
        Add("stop", StopOf(model.Value("stop")));
        Add("reasoning_effort", model.Text("reasoningEffort") is null ? null : model.Value("reasoningEffort"));
        Add("response_format", ObjectAt(model, "responseFormat"));

        if (ObjectAt(model, "extraBody") is { } extra)
        {
            foreach (var field in extra.EnumerateObject())
            {
                if (OwnFields.Contains(field.Name))
                    throw new InvalidInputException($"modelConfig.extraBody.{field.Name} must not be set; EvalJobs sets it itself, from the genome's other fields.");
                fields.Add(KeyValuePair.Create(field.Name, field.Value));
            }
        }
        return fields;

        void Add(string name, JsonElement? value)
        {
            if (value is { } given)
                fields.Add(KeyValuePair.Create(name, given));
        }
    }

    private static JsonElement? ObjectAt(JsonSettings model, string key) => model.Value(key) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => value,
        _ => throw new InvalidInputException($"modelConfig.{key} must be an object."),
    };

    private static JsonElement? StopOf(JsonElement? stop) => stop switch
    {
        null or { ValueKind: JsonValueKind.String } => stop,
        { ValueKind: JsonValueKind.Array } list when list.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String) => stop,
        _ => throw new InvalidInputException("modelConfig.stop must be a text or a list of texts."),
    };

    /// <returns>The field <c>tools</c>, word for word as the genome has it; nothing when there are no tools.</returns>
    private static IEnumerable<KeyValuePair<string, JsonElement>> ToolsOf(JsonElement? manifest)
    {
        if (manifest is null)
            return [];
        if (manifest.Value.ValueKind != JsonValueKind.Array)
            throw new InvalidInputException("toolManifest must be a list of OpenAI function tools for target.type openai-chat.");

        var index = 0;
        foreach (var tool in manifest.Value.EnumerateArray())
            ValidateTool(tool, index++);
        return index == 0 ? [] : [KeyValuePair.Create("tools", manifest.Value)];
    }

    private static void ValidateTool(JsonElement tool, int index)
    {
        var outer = new JsonSettings($"toolManifest[{index}]", tool, "type", "function");
        if (outer.RequiredText("type") != "function" || outer.Value("function") is not { } function)
            throw new InvalidInputException($"toolManifest[{index}] must be {{ \"type\": \"function\", \"function\": {{ \"name\": … }} }}.");

        var name = $"toolManifest[{index}].function";
        var settings = new JsonSettings(name, function, "name", "description", "parameters", "strict");
        settings.RequiredText("name");
        settings.Text("description");
        if (settings.Value("parameters") is { ValueKind: not JsonValueKind.Object })
            throw new InvalidInputException($"{name}.parameters must be a JSON schema object.");
        if (settings.Value("strict") is { ValueKind: not (JsonValueKind.True or JsonValueKind.False) })
            throw new InvalidInputException($"{name}.strict must be true or false.");
    }
}

/// <summary>What a million tokens cost, in whatever currency the genome's author has in mind.</summary>
internal sealed record TokenPricing(double InputPerMillionTokens, double OutputPerMillionTokens)
{
    public static TokenPricing? Read(JsonElement? pricing)
    {
        if (pricing is null)
            return null;
        var settings = new JsonSettings("modelConfig.pricing", pricing.Value, "inputPerMillionTokens", "outputPerMillionTokens");
        return new TokenPricing(Price("inputPerMillionTokens"), Price("outputPerMillionTokens"));

        double Price(string key) => settings.Number(key, 0, double.MaxValue)
            ?? throw new InvalidInputException($"modelConfig.pricing.{key} is missing.");
    }

    /// <returns>Null when the endpoint did not say how many tokens it took: a cost is never guessed.</returns>
    public double? CostOf(long? read, long? written) =>
        read is { } input && written is { } output ? ((input * InputPerMillionTokens) + (output * OutputPerMillionTokens)) / 1_000_000 : null;
}
