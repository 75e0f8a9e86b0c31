using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EvalJobs.Import;

/// <summary>Converts the assertions of a promptfoo test to a case's expected output and scoring.</summary>
/// <param name="options">The options of the conversion.</param>
/// <param name="find">The value of a var.</param>
/// <param name="vars">All vars, for scripts.</param>
internal sealed partial class PromptfooAsserts(ConversionOptions options, Func<string, string?> find, JsonElement vars)
{
    private static readonly string[] Known = ["type", "value", "threshold", "weight", "metric", "provider"];
    private static readonly YamlBudget Unbounded = new(int.MaxValue);

    /// <param name="asserts">At least one.</param>
    /// <param name="threshold">The test's threshold: the test passes when the weighted mean reaches it. Null: it passes when every assertion passes.</param>
    /// <param name="converted">Gets <c>expected</c> and <c>scoring</c>.</param>
    /// <exception cref="UnsupportedCaseException">EvalJobs has no equivalent for an assertion.</exception>
    public void Apply(List<YamlValue> asserts, double? threshold, JsonObject converted)
    {
        var read = asserts.Select(Read).Where(each => each.Weight > 0).ToList();
        if (read.Count < asserts.Count)
            options.Report.AddNote("Assertions of weight 0 decide nothing and are left out.");
        if (read.Count == 0)
            throw new UnsupportedCaseException("every assertion has weight 0: nothing says what is right.");

        if (read is [var only] && threshold is null && TryApplyAlone(only, converted))
            return;

        var script = new ReplyScript();
        foreach (var each in read)
            script.Add(CheckOf(each, script), each.Weight, each.Type.EndsWith("javascript", StringComparison.Ordinal) ? each.Threshold : null);
        converted["scoring"] = script.ToScoring(threshold);
    }

    private Assert Read(YamlValue assert)
    {
        if (assert.Kind != YamlKind.Mapping || assert.Property("type") is not { Kind: YamlKind.String } type)
            throw new UnsupportedCaseException("an assertion has no 'type', or is in another file.");
        foreach (var (name, _) in assert.Properties)
        {
            if (!Known.Contains(name, StringComparer.Ordinal))
                throw new UnsupportedCaseException($"the assertion {type.Text} has '{name}', which cannot be converted.");
        }

        if (assert.Property("metric") is not null)
            options.Report.AddNote("The assertions' metric names are not kept.");
        var value = assert.Property("value");
        if (value is { Kind: YamlKind.String } text && text.Text.StartsWith("file://", StringComparison.Ordinal))
            throw new UnsupportedCaseException($"the value of {type.Text} is in another file.");
        return new Assert(type.Text, value, NumberOf(assert, "threshold"), NumberOf(assert, "weight") ?? 1);
    }

    /// <returns>Whether one of EvalJobs' scorers judges in the same way as the assertion.</returns>
    private bool TryApplyAlone(Assert assert, JsonObject converted)
    {
        switch (assert.Type)
        {
            case "equals":
                converted["expected"] = assert.Value is { Kind: YamlKind.Mapping or YamlKind.Sequence } json ? JsonNode.Parse(json.ToJson(Unbounded).GetRawText()) : TextOf(assert);
                converted["scoring"] = new JsonObject { ["type"] = "exact_match", ["list"] = "whole" };
                return true;
            case "icontains":
                converted["scoring"] = new JsonObject { ["type"] = "contains", ["phrases"] = new JsonArray(TextOf(assert)) };
                return true;
            case "icontains-all":
                converted["scoring"] = new JsonObject { ["type"] = "contains", ["phrases"] = new JsonArray([.. TextsOf(assert).Select(text => (JsonNode)text)]) };
                return true;
            case "is-json" when assert.Value is { Kind: YamlKind.Mapping } schema:
                converted["scoring"] = new JsonObject { ["type"] = "json", ["schema"] = JsonNode.Parse(schema.ToJson(Unbounded).GetRawText()) };
                return true;
            case "llm-rubric":
                converted["scoring"] = JudgeScoring.Of(options.Judge, TextOf(assert), model: null, assert.Threshold);
                return true;
            default:
                return false;
        }
    }

    private string CheckOf(Assert assert, ReplyScript script)
    {
        if (assert.Type.StartsWith("not-", StringComparison.Ordinal))
            return $"!({CheckOf(assert with { Type = assert.Type["not-".Length..] }, script)})";
        return assert.Type switch
        {
            "equals" when assert.Value is { Kind: YamlKind.Mapping or YamlKind.Sequence } json => script.EqualsJson(json.ToJson(Unbounded)),
            "equals" => ReplyScript.EqualsText(TextOf(assert)),
            "contains" => ReplyScript.Contains(TextOf(assert)),
            "icontains" => ReplyScript.ContainsIgnoringCase(TextOf(assert)),
            "contains-any" => ReplyScript.ContainsAny(TextsOf(assert), ignoreCase: false),
            "icontains-any" => ReplyScript.ContainsAny(TextsOf(assert), ignoreCase: true),
            "contains-all" => ReplyScript.ContainsAll(TextsOf(assert), ignoreCase: false),
            "icontains-all" => ReplyScript.ContainsAll(TextsOf(assert), ignoreCase: true),
            "starts-with" => ReplyScript.StartsWith(TextOf(assert)),
            "regex" => ReplyScript.Matches(TextOf(assert)),
            "is-json" when assert.Value is null => ReplyScript.IsJson(),
            "levenshtein" => script.IsNear(TextOf(assert), assert.Threshold ?? 5),
            "javascript" => JavaScriptOf(assert),
            "llm-rubric" or "is-json" => throw new UnsupportedCaseException($"{assert.Type} is used with other assertions, a threshold or 'not-'; a case has one scorer, and this one cannot share it."),
            "similar" => throw new UnsupportedCaseException("similar compares embeddings; there is no such scorer."),
            var other => throw new UnsupportedCaseException($"the assertion {other} cannot be converted."),
        };
    }

    private string JavaScriptOf(Assert assert)
    {
        if (assert.Value is not { Kind: YamlKind.String } value)
            throw new UnsupportedCaseException("the assertion javascript has no text.");
        var code = value.Text.Trim();
        if (OutsideWord().Match(code) is { Success: true } outside)
            throw new UnsupportedCaseException($"the script uses '{outside.Value}', which there is not in the sandbox.");
        var body = code.Contains('\n', StringComparison.Ordinal) ? code : $"return {code.TrimEnd(';')};";
        return $"(function (output, context) {{ {body}\n}})(actual, {{ vars: {ReplyScript.Value(vars)}, prompt: input }})";
    }

    private string TextOf(Assert assert) => assert.Value is { Kind: YamlKind.String or YamlKind.Literal } value
        ? VariableTemplate.Fill(value.Text, find)
        : throw new UnsupportedCaseException($"the assertion {assert.Type} needs a text as its value.");

    private List<string> TextsOf(Assert assert) => assert.Value switch
    {
        { Kind: YamlKind.Sequence } list when list.Items.TrueForAll(each => each.Kind is YamlKind.String or YamlKind.Literal) => [.. list.Items.Select(each => VariableTemplate.Fill(each.Text, find))],
        { Kind: YamlKind.String } text => [.. VariableTemplate.Fill(text.Text, find).Split(',', StringSplitOptions.TrimEntries)],
        _ => throw new UnsupportedCaseException($"the assertion {assert.Type} needs a list of texts as its value."),
    };

    private static double? NumberOf(YamlValue assert, string name) => assert.Property(name) is { } value
        ? double.TryParse(value.Text, CultureInfo.InvariantCulture, out var number) && number >= 0
            ? number
            : throw new UnsupportedCaseException($"'{name}' of an assertion is not a number of 0 or more.")
        : null;

    [GeneratedRegex(@"\b(require|import|process|fetch|async|await|Promise|Buffer|globalThis|console|eval|Function|BigInt|Intl)\b", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex OutsideWord();

    private sealed record Assert(string Type, YamlValue? Value, double? Threshold, double Weight);
}
