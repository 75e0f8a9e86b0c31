using System.Text.Json;
using System.Text.Json.Nodes;
using EvalJobs.Domain;

namespace EvalJobs.Import;

/// <summary>OpenAI Evals: records of <c>input</c> and <c>ideal</c>, or of <c>item</c> that an eval's <c>testing_criteria</c> judge.</summary>
internal sealed class OpenAiEvalsConverter(MoveOptions options, ScoringChoice scoring) : ICaseConverter
{
    /// <inheritdoc/>
    public JsonObject? Convert(JsonElement source, MoveReport report) =>
        MovedText.Find(source, "item") is { ValueKind: JsonValueKind.Object } item ? ConvertItem(source, item, report) : ConvertIdeal(source, report);

    private JsonObject ConvertIdeal(JsonElement source, MoveReport report)
    {
        var input = MovedText.Find(source, "input") is { } given ? MovedText.Of(given, report) : throw new UnsupportedCaseException("the record has no input.");
        List<string> answers = MovedText.Find(source, "ideal") switch
        {
            null => [],
            { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(each => MovedText.Of(each, report))],
            { } one => [MovedText.Of(one, report)],
        };
        var moved = new JsonObject { ["key"] = DatasetRecord.Key(source), ["input"] = input };
        DatasetRecord.SetExpected(moved, answers, scoring.IsGiven, report);
        if (answers.Count > 1 && scoring.Type == "contains")
        {
            // Any one of several ideals is right, but the scorer's list of phrases requires all of them.
            var script = new ReplyScript();
            script.Add(ReplyScript.ContainsAny(answers, ignoreCase: true));
            moved["scoring"] = script.ToScoring(threshold: null);
        }

        return moved;
    }

    private JsonObject ConvertItem(JsonElement source, JsonElement item, MoveReport report)
    {
        if (options.Criteria is not { } eval)
            throw new UnsupportedCaseException("it is an item, which the testing criteria of its eval judge: that eval's file is not given.", new(RemedyKind.NameCriteria));

        string? Find(string name) => name.StartsWith("item.", StringComparison.Ordinal) ? MoveTemplate.Lookup(item, name["item.".Length..]) : null;
        var moved = new JsonObject { ["key"] = DatasetRecord.Key(source) ?? DatasetRecord.Key(item), ["input"] = InputOf(eval, item, Find, report) };
        new OpenAiCriteria(options, report).Apply(eval, Find, moved);
        return moved;
    }

    /// <summary>The eval's template of messages if it has one, otherwise the item's <c>input</c>.</summary>
    private static string InputOf(JsonElement eval, JsonElement item, Func<string, string?> find, MoveReport report)
    {
        var messages = MovedText.Find(eval, "input_messages") ?? (MovedText.Find(eval, "data_source") is { } source ? MovedText.Find(source, "input_messages") : null);
        if (messages is { } given && MovedText.Find(given, "template") is { ValueKind: JsonValueKind.Array } template)
        {
            var filled = new JsonArray([.. template.EnumerateArray().Select(message => (JsonNode)new JsonObject
            {
                ["role"] = MovedText.Find(message, "role")?.GetString(),
                ["content"] = MoveTemplate.Fill(OpenAiCriteria.ContentOf(message), find),
            })]);
            return MovedText.Of(JsonSerializer.SerializeToElement(filled), report);
        }

        return MovedText.Find(item, "input") is { } input
            ? MovedText.Of(input, report)
            : throw new UnsupportedCaseException("neither the eval has input_messages with a template nor the item an 'input'.");
    }
}

/// <summary>The user's setting for the scoring of cases without their own.</summary>
/// <param name="IsGiven">Whether there is such a setting.</param>
/// <param name="Type">The scorer's name; null when there is no setting.</param>
internal sealed record ScoringChoice(bool IsGiven, string? Type);
