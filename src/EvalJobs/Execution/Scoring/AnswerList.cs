using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Execution.Scoring;

/// <summary>What an expected output that is a JSON array of plain values means: a list of right answers, or one text. <c>scoring.list</c> must say it.</summary>
internal static class AnswerList
{
    /// <summary>The setting, for the description of a scorer that has it.</summary>
    public static ScorerSetting Described { get; } = new(
        "list", ScorerSettingKind.Choice, "What an expected output that is a JSON array means: any, a list of right answers, or whole, the reply must be this array. Needed where it is an array of plain values.")
    {
        Choices = ["any", "whole"],
    };

    /// <returns>The right answers; null when the expected output is one text.</returns>
    /// <param name="settings">The scoring.</param>
    /// <param name="scorer">Its name, for messages.</param>
    /// <param name="expected">The expected output.</param>
    /// <param name="isImport">Whether the setting must be there. Cases from before it existed are judged as one text.</param>
    /// <exception cref="InvalidInputException">The setting is wrong, or missing where it is needed.</exception>
    public static IReadOnlyList<string>? Read(ScoringSettings settings, string scorer, string expected, bool isImport)
    {
        var meaning = settings.Text("list");
        if (meaning == "whole" || (meaning is null && !isImport))
            return null;

        var isList = JsonText.TryRead(expected, out var json) && IsListOfPlainValues(json);
        return meaning switch
        {
            null when !isList => null,
            null => throw new InvalidInputException(
                $"The expected output ({Excerpt.Of(expected, 80)}) is a list, and '{scorer}' must know what it means: set scoring.list to \"any\" "
                + "when each item is a right answer, or to \"whole\" when the reply must be this JSON array."),
            "any" when isList => [.. AnswersIn(json)],
            "any" => throw new InvalidInputException(
                $"scoring.list is any, so the expected output must be a JSON array of texts or numbers, not {Excerpt.Of(expected, 80)}."),
            var other => throw new InvalidInputException($"scoring.list ({Excerpt.Of(other)}) must be any or whole."),
        };
    }

    /// <returns>Whether the scoring takes the expected output for a list of right answers, so that there is no single text to compare the reply with.</returns>
    public static bool IsList(ScoringSpec scoring) =>
        scoring.Settings.TryGetProperty(Described.Name, out var meaning) && meaning.ValueKind == JsonValueKind.String && meaning.ValueEquals("any");

    private static bool IsListOfPlainValues(JsonElement json) =>
        json.ValueKind == JsonValueKind.Array && json.GetArrayLength() > 0
        && json.EnumerateArray().All(item => item.ValueKind is not (JsonValueKind.Array or JsonValueKind.Object));

    // "42" in a list of answers is the text 42, as an expected output of 42 would be.
    private static IEnumerable<string> AnswersIn(JsonElement list) =>
        list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.String ? item.GetString()! : item.GetRawText());
}
