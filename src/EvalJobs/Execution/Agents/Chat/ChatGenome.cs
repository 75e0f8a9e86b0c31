using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Agents.Chat;

/// <summary>The validated parts of a genome that agents of model services use.</summary>
internal sealed record ChatGenome
{
    private const string Input = "input";

    public required ChatEndpoint Endpoint { get; init; }

    public required IReadOnlyList<KeyValuePair<string, JsonElement>> Fields { get; init; }

    public required TokenPricing? Pricing { get; init; }

    public required string? SystemPrompt { get; init; }

    public required string UserPrompt { get; init; }

    /// <exception cref="InvalidInputException">Something is missing or wrong; the message names the field.</exception>
    public static ChatGenome Read(Genome genome, ChatForm form)
    {
        var target = new JsonSettings("target", genome.Target, ["type", .. ChatEndpoint.Settings]);
        var model = new JsonSettings("modelConfig", genome.Section("modelConfig") ?? JsonElement.Parse("{}"), [.. form.ModelSettings, "extraBody", "pricing"]);

        if ((target.Text("model") ?? model.Text("model")) is null && (form.VersionHeader is not null || target.Text("apiVersion") is null))
            throw new InvalidInputException("modelConfig.model is missing: the name of the model to ask.");
        var (system, user) = PromptOf(genome.Section("prompt"));

        return new ChatGenome
        {
            Endpoint = ChatEndpoint.Read("target", target, form, model.Text("model")),
            Fields = [.. FieldsOf(model, form), .. ToolsOf(genome.Section("toolManifest"), form)],
            Pricing = TokenPricing.Read(model.Value("pricing")),
            SystemPrompt = system,
            UserPrompt = user,
        };
    }

    public ChatRequest RequestFor(AgentQuestion question) =>
        new(SystemPrompt, Placeholders.Fill(UserPrompt, mark => mark == Input ? question.Input : $"{{{{{mark}}}}}"), Fields);

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
            : throw new InvalidInputException("prompt.user must contain {{input}}, or the model would never see the question.");
    }

    private static List<KeyValuePair<string, JsonElement>> FieldsOf(JsonSettings model, ChatForm form)
    {
        var fields = form.FieldsOf(model).ToList();
        if (model.Object("extraBody") is { } extra)
        {
            foreach (var field in extra.EnumerateObject())
            {
                if (form.OwnFields.Contains(field.Name) || fields.Exists(own => own.Key == field.Name))
                    throw new InvalidInputException($"modelConfig.extraBody.{field.Name} must not be set; EvalJobs sets it itself, from the genome's other fields.");
                fields.Add(KeyValuePair.Create(field.Name, field.Value));
            }
        }
        return fields;
    }

    /// <returns>The field <c>tools</c>, word for word as the genome has it; nothing when there are no tools.</returns>
    private static IEnumerable<KeyValuePair<string, JsonElement>> ToolsOf(JsonElement? manifest, ChatForm form)
    {
        if (manifest is null)
            return [];
        if (manifest.Value.ValueKind != JsonValueKind.Array)
            throw new InvalidInputException($"toolManifest must be a list of {form.ToolsAre} for target.type {form.Type}.");

        var index = 0;
        foreach (var tool in manifest.Value.EnumerateArray())
            form.ValidateTool($"toolManifest[{index++}]", tool);
        return index == 0 ? [] : [KeyValuePair.Create("tools", manifest.Value)];
    }
}

/// <summary>What a million tokens cost, in the currency of the genome's author.</summary>
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
