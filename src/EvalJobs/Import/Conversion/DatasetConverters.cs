using System.Text.Json;
using System.Text.Json.Nodes;

namespace EvalJobs.Import;

/// <summary>Samples of inspect: <c>input</c>, <c>target</c>, <c>choices</c>, <c>id</c>.</summary>
/// <param name="hasScoring">Whether the user says how replies are judged; the file does not.</param>
internal sealed class InspectConverter(bool hasScoring) : ICaseConverter
{
    /// <inheritdoc/>
    public JsonObject? Convert(JsonElement source, ConversionReport report)
    {
        foreach (var name in (string[])["sandbox", "files", "setup"])
        {
            if (ConvertedText.IsGiven(source, name))
                throw new UnsupportedCaseException($"the sample has '{name}': there is no sandbox.");
        }

        if (ConvertedText.IsGiven(source, "metadata"))
            report.AddNote("The samples' metadata are not kept.");
        var input = ConvertedText.Find(source, "input") is { } given ? ConvertedText.Of(given, report) : throw new UnsupportedCaseException("the sample has no input.");
        var targets = TargetsOf(source, report);
        var converted = new JsonObject { ["key"] = DatasetRecord.Key(source), ["input"] = input };
        if (ConvertedText.IsGiven(source, "choices"))
        {
            if (targets.Count > 1)
                throw new UnsupportedCaseException("several choices are right at the same time.");
            converted["input"] = WithChoices(input, source.GetProperty("choices"), report);
        }

        DatasetRecord.SetExpected(converted, targets, hasScoring, report);
        return converted;
    }

    private static List<string> TargetsOf(JsonElement source, ConversionReport report) => ConvertedText.Find(source, "target") switch
    {
        null => [],
        { ValueKind: JsonValueKind.Array } list => [.. list.EnumerateArray().Select(each => ConvertedText.Of(each, report))],
        { } one => [ConvertedText.Of(one, report)],
    };

    private static string WithChoices(string input, JsonElement choices, ConversionReport report)
    {
        if (choices.ValueKind != JsonValueKind.Array)
            throw new UnsupportedCaseException("the sample's choices are not a list.");
        report.AddNote("Choices are listed under their question, with letters, followed by the words \"Answer with the letter alone.\"");
        var lines = choices.EnumerateArray().Select((choice, index) => $"{(char)('A' + index)}) {ConvertedText.Of(choice, report)}").ToList();
        return lines.Count <= 26
            ? $"{input}\n\n{string.Join('\n', lines)}\n\nAnswer with the letter alone."
            : throw new UnsupportedCaseException($"the sample has {lines.Count} choices; there are 26 letters.");
    }
}

/// <summary>Goldens of DeepEval: <c>input</c>, <c>expected_output</c>.</summary>
/// <param name="hasScoring">Whether the user says how replies are judged; the file does not.</param>
internal sealed class DeepEvalConverter(bool hasScoring) : ICaseConverter
{
    /// <inheritdoc/>
    public JsonObject? Convert(JsonElement source, ConversionReport report)
    {
        if (ConvertedText.IsGiven(source, "turns") || ConvertedText.IsGiven(source, "scenario"))
            throw new UnsupportedCaseException("it is a conversation; a case asks one question.");
        if (ConvertedText.IsGiven(source, "expected_tools"))
            throw new UnsupportedCaseException("it expects tool calls ('expected_tools').");

        foreach (var name in (string[])["context", "retrieval_context", "additional_metadata", "comments", "actual_output", "tools_called", "source_file", "custom_column_key_values"])
        {
            if (ConvertedText.IsGiven(source, name))
                report.AddNote($"'{name}' is not kept: no agent is sent it.");
        }

        var input = ConvertedText.Find(source, "input") is { } given ? ConvertedText.Of(given, report) : throw new UnsupportedCaseException("the golden has no input.");
        var converted = new JsonObject { ["key"] = DatasetRecord.Key(source), ["input"] = input };
        if (ConvertedText.Find(source, "name") is { ValueKind: JsonValueKind.String } name2)
            converted["name"] = name2.GetString();
        DatasetRecord.SetExpected(converted, ConvertedText.Find(source, "expected_output") is { } expected ? [ConvertedText.Of(expected, report)] : [], hasScoring, report);
        return converted;
    }
}

/// <summary>Exports of datasets of the platforms Langfuse, LangSmith and Braintrust.</summary>
/// <param name="format">Which one.</param>
/// <param name="hasScoring">Whether the user says how replies are judged; the file does not.</param>
internal sealed class PlatformConverter(SuiteFormat format, bool hasScoring) : ICaseConverter
{
    private readonly (string Input, string Expected) _fields = format switch
    {
        SuiteFormat.Langfuse => ("input", "expectedOutput"),
        SuiteFormat.LangSmith => ("inputs", "outputs"),
        _ => ("input", "expected"),
    };

    /// <inheritdoc/>
    public JsonObject? Convert(JsonElement source, ConversionReport report)
    {
        if (format == SuiteFormat.Langfuse && ConvertedText.Find(source, "status") is { ValueKind: JsonValueKind.String } status && status.ValueEquals("ARCHIVED"))
        {
            report.AddNote("Items that are ARCHIVED are left out, as Langfuse does.");
            return null;
        }

        if (ConvertedText.IsGiven(source, "metadata"))
            report.AddNote("The records' metadata are not kept.");
        var input = ConvertedText.Find(source, _fields.Input) is { } given
            ? ConvertedText.Of(given, report)
            : throw new UnsupportedCaseException($"the record has no '{_fields.Input}'.");
        var converted = new JsonObject { ["key"] = DatasetRecord.Key(source), ["input"] = input };
        if (ConvertedText.Find(source, "name") is { ValueKind: JsonValueKind.String } name)
            converted["name"] = name.GetString();
        if (ConvertedText.Find(source, "tags") is { ValueKind: JsonValueKind.Array } tags)
            converted["tags"] = JsonNode.Parse(tags.GetRawText());
        DatasetRecord.SetExpected(converted, ConvertedText.Find(source, _fields.Expected) is { } expected ? [ConvertedText.Of(expected, report)] : [], hasScoring, report);
        return converted;
    }
}

/// <summary>Helpers for the records of all datasets.</summary>
internal static class DatasetRecord
{
    /// <returns>The record's id as a text; null when it has none.</returns>
    public static string? Key(JsonElement source) =>
        ConvertedText.Find(source, "id") is { ValueKind: JsonValueKind.String or JsonValueKind.Number } id ? id.ToString() : null;

    /// <summary>Sets the expected output: one text, or a list of right answers.</summary>
    public static void SetExpected(JsonObject converted, List<string> answers, bool hasScoring, ConversionReport report)
    {
        if (!hasScoring)
            report.AddNote("The file does not say how replies are judged: exact_match is used where no other scoring is chosen.");
        if (answers.Count == 0)
            return;

        if (answers.Count == 1)
        {
            converted["expected"] = answers[0];
            if (!hasScoring && IsListOfPlainValues(answers[0]))
                converted["scoring"] = new JsonObject { ["type"] = "exact_match", ["list"] = "whole" };
            return;
        }

        converted["expected"] = new JsonArray([.. answers.Select(answer => (JsonNode)answer)]);
        if (!hasScoring)
            converted["scoring"] = new JsonObject { ["type"] = "exact_match", ["list"] = "any" };
    }

    /// <returns>Whether exact_match would read the text as a list whose meaning must be given.</returns>
    private static bool IsListOfPlainValues(string text)
    {
        if (!text.TrimStart().StartsWith('['))
            return false;
        try
        {
            return JsonElement.Parse(text) is { ValueKind: JsonValueKind.Array };
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
