using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>OpenAI Evals: records of <c>input</c> and <c>ideal</c>, or of <c>item</c> that an eval's <c>testing_criteria</c> judge.</summary>
internal sealed class OpenAiEvalsConverter(ConversionOptions options, ScoringChoice scoring) : ICaseConverter
{
    /// <inheritdoc/>
    public JsonObject? Convert(JsonElement source, ConversionReport report) =>
        ConvertedText.Find(source, "item") is { ValueKind: JsonValueKind.Object } item ? ConvertItem(source, item, report) : ConvertIdeal(source, report);

    private JsonObject ConvertIdeal(JsonElement source, ConversionReport report)
    {
        var input = ConvertedText.Find(source, "input") is { } given ? ConvertedText.Of(given, report) : throw new UnsupportedCaseException("the record has no input.");
        List<string> answers = ConvertedText.Find(source, "ideal") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(each => ConvertedText.Of(each, report))],
            { } one => [ConvertedText.Of(one, report)],
        };
        var converted = new JsonObject { ["key"] = DatasetRecord.Key(source), ["input"] = input };
        DatasetRecord.SetExpected(converted, answers, scoring.IsGiven, report);
        if (answers.Count > 1 && scoring.Type == "contains")
        {
            // Any one of several ideals is right, but the scorer's list of phrases requires all of them.
            var script = new ReplyScript();
            script.Add(ReplyScript.ContainsAny(answers, ignoreCase: true));
            converted["scoring"] = script.ToScoring(threshold: null);
        }

        return converted;
    }

    private JsonObject ConvertItem(JsonElement source, JsonElement item, ConversionReport report)
    {
        if (options.Criteria is not { } eval)
            throw new UnsupportedCaseException("it is an item, which the testing criteria of its eval judge: that eval's file is not given.", new(RemedyKind.NameCriteria));

        string? Find(string name) => name.StartsWith("item.", StringComparison.Ordinal) ? VariableTemplate.Lookup(item, name["item.".Length..]) : null;
        var converted = new JsonObject { ["key"] = DatasetRecord.Key(source) ?? DatasetRecord.Key(item), ["input"] = InputOf(eval, item, Find, report) };
        new OpenAiCriteria(options, report).Apply(eval, Find, converted);
        return converted;
    }

    /// <summary>The eval's template of messages if it has one, otherwise the item's <c>input</c>.</summary>
    private static string InputOf(JsonElement eval, JsonElement item, Func<string, string?> find, ConversionReport report)
    {
        var messages = ConvertedText.Find(eval, "input_messages") ?? (ConvertedText.Find(eval, "data_source") is { } source ? ConvertedText.Find(source, "input_messages") : null);
        if (messages is { } given && ConvertedText.Find(given, "template") is { ValueKind: JsonValueKind.Array } template)
        {
            var filled = new JsonArray([.. template.EnumerateArray().Select(message => (JsonNode)new JsonObject
            {
                ["role"] = ConvertedText.Find(message, "role")?.GetString(),
                ["content"] = VariableTemplate.Fill(OpenAiCriteria.ContentOf(message), find),
            })]);
            return ConvertedText.Of(JsonSerializer.SerializeToElement(filled), report);
        }

        return ConvertedText.Find(item, "input") is { } input
            ? ConvertedText.Of(input, report)
            : throw new UnsupportedCaseException("neither the eval has input_messages with a template nor the item an 'input'.");
    }
}

/// <summary>The user's setting for the scoring of cases without their own.</summary>
/// <param name="IsGiven">Whether there is such a setting.</param>
/// <param name="Type">The scorer's name; null when there is no setting.</param>
internal sealed record ScoringChoice(bool IsGiven, string? Type);
