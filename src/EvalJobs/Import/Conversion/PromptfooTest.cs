using System.Text.Json;
using System.Text.Json.Nodes;

namespace EvalJobs.Import;

/// <summary>Converts one promptfoo test to cases: one case, or one for each combination if a var has a list of values.</summary>
/// <param name="options">The options of the conversion.</param>
/// <param name="template">The prompt; null uses only the vars.</param>
/// <param name="defaults">The file's <c>defaultTest</c>.</param>
internal sealed class PromptfooTest(ConversionOptions options, string? template, YamlValue? defaults)
{
    private const int MaxCombinations = 10_000;

    private static readonly string[] Known = ["description", "vars", "assert", "threshold", "metadata"];
    private static readonly Dictionary<string, string> Unsupported = new(StringComparer.Ordinal)
    {
        ["provider"] = "the test has its own provider; an agent version has one target.",
        ["providerOutput"] = "the test brings its own output.",
        ["assertScoringFunction"] = "the test scores by a function in another file.",
    };

    // The defaults are expanded for every test, which could take any time for a large file, so the caller limits the result.
    private readonly YamlBudget _defaultBudget = new(ImportLimits.MaxYamlBytes);
    private JsonElement? _defaultVars;

    /// <param name="test">The test.</param>
    /// <param name="key">The key of its case; combinations add a number.</param>
    /// <exception cref="UnsupportedCaseException">It has a part that EvalJobs has no equivalent for.</exception>
    public List<JsonObject> Convert(YamlValue test, string key)
    {
        if (test.Kind != YamlKind.Mapping)
            throw new UnsupportedCaseException("the test is in another file; import that file.");
        CheckProperties(test);
        CheckProperties(defaults);

        var threshold = NumberOf(test, "threshold") ?? NumberOf(defaults, "threshold");
        var asserts = AssertsOf(defaults).Concat(AssertsOf(test)).ToList();
        if (asserts.Count == 0)
            throw new UnsupportedCaseException("the test has no assertion: nothing says what is right.");

        var combinations = Combine(VarsOf(test));
        return [.. combinations.Select((vars, index) => ToCase(test, vars, asserts, threshold, combinations.Count == 1 ? key : $"{key}-{index + 1}"))];
    }

    private JsonObject ToCase(YamlValue test, Dictionary<string, JsonElement> vars, List<YamlValue> asserts, double? threshold, string key)
    {
        var root = JsonSerializer.SerializeToElement(vars);
        string? Find(string name) => VariableTemplate.Lookup(root, name);
        var converted = new JsonObject
        {
            ["key"] = key,
            ["input"] = template is null ? InputOf(vars) : VariableTemplate.Fill(template, Find),
        };
        if (test.Property("description") is { } description)
            converted["name"] = Cut(description.Text);
        new PromptfooAsserts(options, Find, root).Apply(asserts, threshold, converted);
        return converted;
    }

    private void CheckProperties(YamlValue? test)
    {
        foreach (var (name, value) in test is { Kind: YamlKind.Mapping } ? test.Properties : [])
        {
            if (Unsupported.TryGetValue(name, out var reason))
                throw new UnsupportedCaseException(reason);
            if (name == "options")
                CheckOptions(value);
            else if (name == "metadata")
                options.Report.AddNote("The tests' metadata are not kept.");
            else if (!Known.Contains(name, StringComparer.Ordinal))
                throw new UnsupportedCaseException($"the test has '{name}', which cannot be converted.");
        }
    }

    /// <summary>The assertions use the grader's model. Options that change the reply cannot be converted.</summary>
    private static void CheckOptions(YamlValue settings)
    {
        foreach (var (name, _) in settings.Kind == YamlKind.Mapping ? settings.Properties : [])
        {
            if (name is not ("provider" or "disableVarExpansion"))
                throw new UnsupportedCaseException($"the test has the option '{name}', which cannot be converted.");
        }
    }

    private Dictionary<string, JsonElement> VarsOf(YamlValue test)
    {
        var vars = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        if (defaults?.Property("vars") is { } shared)
            AddVars(vars, _defaultVars ??= shared.ToJson(_defaultBudget));
        if (test.Property("vars") is { } own)
            AddVars(vars, own.ToJson(new YamlBudget(ImportLimits.MaxYamlBytes)));
        return vars;
    }

    private static void AddVars(Dictionary<string, JsonElement> vars, JsonElement given)
    {
        if (given.ValueKind != JsonValueKind.Object)
            throw new UnsupportedCaseException("the vars are in another file.");
        foreach (var each in given.EnumerateObject())
            vars[each.Name] = each.Value;
    }

    /// <summary>A list of values means one test for each value; several lists mean one for each combination.</summary>
    private static List<Dictionary<string, JsonElement>> Combine(Dictionary<string, JsonElement> vars)
    {
        var combinations = new List<Dictionary<string, JsonElement>> { new(StringComparer.Ordinal) };
        foreach (var (name, value) in vars)
        {
            JsonElement[] values = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
            if ((long)combinations.Count * values.Length > MaxCombinations)
                throw new UnsupportedCaseException($"its vars have more than {MaxCombinations} combinations.");
            foreach (var each in values)
            {
                if (each.ValueKind == JsonValueKind.String && each.GetString() is { } text
                    && (text.StartsWith("file://", StringComparison.Ordinal) || text.Contains("{{", StringComparison.Ordinal)))
                    throw new UnsupportedCaseException($"the var '{name}' is in another file or contains a template.");
            }

            combinations = [.. combinations.SelectMany(before => values.Select(each => new Dictionary<string, JsonElement>(before, StringComparer.Ordinal) { [name] = each }))];
        }

        return combinations;
    }

    private string InputOf(Dictionary<string, JsonElement> vars) => vars.Count switch
    {
        0 => throw new UnsupportedCaseException("the test has no vars, and there is no prompt: nothing is asked."),
        _ => ConvertedText.Of(JsonSerializer.SerializeToElement(vars), options.Report),
    };

    private static IEnumerable<YamlValue> AssertsOf(YamlValue? test) =>
        test is { Kind: YamlKind.Mapping } && test.Property("assert") is { Kind: not YamlKind.Literal } asserts
            ? asserts.Kind == YamlKind.Sequence ? asserts.Items : throw new UnsupportedCaseException("the assertions are in another file.")
            : [];

    private static double? NumberOf(YamlValue? test, string name) =>
        test is { Kind: YamlKind.Mapping } && test.Property(name) is { } value && double.TryParse(value.Text, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private static string Cut(string text) => text.Length <= ImportLimits.MaxNameLength ? text : text[..ImportLimits.MaxNameLength];
}
