using System.Text.Json;
using System.Text.Json.Nodes;

namespace EvalJobs.Import;

/// <summary>Converts the testing criteria of an OpenAI eval to a case's expected output and scoring. Every criterion has to pass.</summary>
internal sealed class OpenAiCriteria(ConversionOptions options, ConversionReport report)
{
    private const string Reply = "sample.output_text";

    /// <exception cref="UnsupportedCaseException">EvalJobs has no equivalent for a criterion.</exception>
    public void Apply(JsonElement eval, Func<string, string?> find, JsonObject converted)
    {
        var criteria = ConvertedText.Find(eval, "testing_criteria") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().ToList() : [];
        if (criteria.Count == 0)
            throw new UnsupportedCaseException("the eval has no testing_criteria.");
        if (criteria is [var only])
        {
            ApplyOne(only, find, converted);
            return;
        }

        var script = new ReplyScript();
        foreach (var criterion in criteria)
        {
            if (TypeOf(criterion) != "string_check")
                throw new UnsupportedCaseException($"the criterion '{TypeOf(criterion)}' is one of several; a case has one scorer, and only string_check can share it.");
            script.Add(CheckOf(criterion, find));
        }

        converted["scoring"] = script.ToScoring(threshold: null);
    }

    /// <returns>The text of a message of a template.</returns>
    public static string ContentOf(JsonElement message) => ConvertedText.Find(message, "content") switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Object } part when ConvertedText.Find(part, "text") is { ValueKind: JsonValueKind.String } text => text.GetString()!,
        _ => throw new UnsupportedCaseException("a message of a template is not a text."),
    };

    private void ApplyOne(JsonElement criterion, Func<string, string?> find, JsonObject converted)
    {
        switch (TypeOf(criterion))
        {
            case "string_check" when TextOf(criterion, "operation") is "eq" or "ilike":
                EnsureOfReply(criterion);
                var reference = VariableTemplate.Fill(TextOf(criterion, "reference"), find);
                var isEqual = TextOf(criterion, "operation") == "eq";
                if (isEqual)
                    converted["expected"] = reference;
                converted["scoring"] = isEqual
                    ? new JsonObject { ["type"] = "exact_match", ["list"] = "whole" }
                    : new JsonObject { ["type"] = "contains", ["phrases"] = new JsonArray(reference) };
                break;
            case "string_check":
                var script = new ReplyScript();
                script.Add(CheckOf(criterion, find));
                converted["scoring"] = script.ToScoring(threshold: null);
                break;
            case "text_similarity":
                ApplySimilarity(criterion, find, converted);
                break;
            case "score_model" or "label_model":
                ApplyModel(criterion, find, converted);
                break;
            default:
                throw new UnsupportedCaseException($"the criterion '{TypeOf(criterion)}' cannot be converted.");
        }
    }

    private static string CheckOf(JsonElement criterion, Func<string, string?> find)
    {
        EnsureOfReply(criterion);
        var reference = VariableTemplate.Fill(TextOf(criterion, "reference"), find);
        return TextOf(criterion, "operation") switch
        {
            "eq" => ReplyScript.EqualsText(reference),
            "ne" => $"!({ReplyScript.EqualsText(reference)})",
            "like" => ReplyScript.Contains(reference),
            "ilike" => ReplyScript.ContainsIgnoringCase(reference),
            var other => throw new UnsupportedCaseException($"the operation '{other}' is not known."),
        };
    }

    private void ApplySimilarity(JsonElement criterion, Func<string, string?> find, JsonObject converted)
    {
        EnsureOfReply(criterion);
        if (TextOf(criterion, "evaluation_metric") is not "fuzzy_match" and var metric)
            throw new UnsupportedCaseException($"text_similarity by '{metric}' cannot be converted; fuzzy_match can.");
        report.AddNote("fuzzy_match became similarity, whose measure differs a little: check the threshold.");
        converted["expected"] = VariableTemplate.Fill(TextOf(criterion, "reference"), find);
        converted["scoring"] = new JsonObject { ["type"] = "similarity" };
        if (NumberOf(criterion, "pass_threshold") is { } threshold)
            converted["scoring"]!["threshold"] = threshold;
    }

    private void ApplyModel(JsonElement criterion, Func<string, string?> find, JsonObject converted)
    {
        var rubric = string.Join("\n\n", ConvertedText.Find(criterion, "input") is { ValueKind: JsonValueKind.Array } messages
            ? messages.EnumerateArray().Select(message => VariableTemplate.Fill(ContentOf(message), name => name == Reply ? "(the reply)" : find(name)))
            : throw new UnsupportedCaseException("the criterion's 'input' is not a list of messages."));
        double? threshold = null;
        if (TypeOf(criterion) == "label_model")
        {
            rubric += $"\n\nThe labels are: {Labels(criterion, "labels")}. Score 1 when the right label is one of: {Labels(criterion, "passing_labels")}; else 0.";
            threshold = 1;
        }
        else
        {
            var (low, high) = RangeOf(criterion);
            rubric += FormattableString.Invariant($"\n\nWhere a score from {low} to {high} is asked for, give (score - {low}) / {high - low}, from 0 to 1.");
            if (NumberOf(criterion, "pass_threshold") is { } passes)
                threshold = (passes - low) / (high - low);
        }

        converted["scoring"] = JudgeScoring.Of(options.Judge, rubric, TextOf(criterion, "model"), threshold);
    }

    private static (double Low, double High) RangeOf(JsonElement criterion)
    {
        if (ConvertedText.Find(criterion, "range") is not { ValueKind: JsonValueKind.Array } range)
            return (0, 1);
        var bounds = range.EnumerateArray().Select(bound => bound.ValueKind == JsonValueKind.Number ? bound.GetDouble() : double.NaN).ToList();
        return bounds is [var low, var high] && low < high ? (low, high) : throw new UnsupportedCaseException("the criterion's 'range' is not two increasing numbers.");
    }

    private static string Labels(JsonElement criterion, string name) => ConvertedText.Find(criterion, name) is { ValueKind: JsonValueKind.Array } labels
        ? string.Join(", ", labels.EnumerateArray().Select(label => label.ToString()))
        : throw new UnsupportedCaseException($"the criterion has no '{name}'.");

    private static void EnsureOfReply(JsonElement criterion)
    {
        if (TextOf(criterion, "input").Trim('{', '}', ' ') != Reply)
            throw new UnsupportedCaseException($"the criterion judges '{TextOf(criterion, "input")}', not the reply alone.");
    }

    private static string TypeOf(JsonElement criterion) => TextOf(criterion, "type");

    private static string TextOf(JsonElement criterion, string name) => ConvertedText.Find(criterion, name) is { ValueKind: JsonValueKind.String } text
        ? text.GetString()!
        : throw new UnsupportedCaseException($"a criterion has no text '{name}'.");

    private static double? NumberOf(JsonElement criterion, string name) => ConvertedText.Find(criterion, name) is { ValueKind: JsonValueKind.Number } number ? number.GetDouble() : null;
}
