using System.Globalization;
using System.Text.Json;

namespace EvalJobs.Domain;

/// <summary>Reads a policy document strictly: an unknown field, a wrong type or a value out of range is an error that names the field. All errors are named at once.</summary>
internal static class PolicyReader
{
    private const int MaxRequirements = 100;
    private const int MaxErrors = 20;

    public static PromotionPolicy Read(JsonElement root)
    {
        ValidateObject(root, "policy", "requirements", "alpha", "approval");
        if (!root.TryGetProperty("requirements", out var list))
            throw new InvalidInputException("requirements: missing; a policy needs a list of required suites, such as [ { \"suite\": \"smoke\", \"rule\": \"rate\" } ].");
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() is < 1 or > MaxRequirements)
            throw new InvalidInputException($"requirements: expected a list of 1 to {MaxRequirements} required suites.");

        var errors = new List<string>();
        var requirements = list.EnumerateArray().Select((item, i) => Try(() => ReadRequirement(item, $"requirements[{i}]"), errors)).OfType<PolicyRequirement>().ToList();
        var alpha = root.TryGetProperty("alpha", out var level)
            ? Try(() => Number(level, "alpha", value => value is > 0 and <= 0.5, "a number above 0 and at most 0.5, such as 0.05"), errors)
            : PromotionPolicy.DefaultAlpha;
        var (needsSecondPerson, needsApprover) = root.TryGetProperty("approval", out var approval) ? Try(() => ReadApproval(approval), errors) : (false, false);
        if (errors.Count > 0)
            throw new InvalidInputException(string.Join(' ', errors.Take(MaxErrors)) + (errors.Count > MaxErrors ? $" And {errors.Count - MaxErrors} more." : ""));
        ValidateDistinct(requirements);
        return new PromotionPolicy
        {
            Requirements = requirements,
            Alpha = alpha,
            NeedsSecondPerson = needsSecondPerson,
            NeedsApprover = needsApprover,
        };
    }

    /// <returns>What was read; the default when it is wrong, which is noted among the errors.</returns>
    private static T? Try<T>(Func<T> read, List<string> errors)
    {
        try
        {
            return read();
        }
        catch (InvalidInputException error)
        {
            errors.Add(error.Message);
            return default;
        }
    }

    private static PolicyRequirement ReadRequirement(JsonElement item, string path)
    {
        ValidateObject(item, path, "suite", "rule", "threshold", "margin", "baseline", "tags", "mustPass");
        var rule = item.TryGetProperty("rule", out var word) ? ReadRule(word, $"{path}.rule") : GateRule.Rate;
        ValidateFieldsOfRule(item, path, rule);
        return new PolicyRequirement
        {
            Suite = item.TryGetProperty("suite", out var suite)
                ? Text(suite, $"{path}.suite", "the name of a suite")
                : throw new InvalidInputException($"{path}.suite: missing; expected the name of a suite."),
            Rule = rule,
            Threshold = item.TryGetProperty("threshold", out var threshold) ? Limit(threshold, $"{path}.threshold", rule) : null,
            Margin = item.TryGetProperty("margin", out var margin) ? Limit(margin, $"{path}.margin", rule) : null,
            Baseline = item.TryGetProperty("baseline", out var baseline) ? ReadBaseline(baseline, $"{path}.baseline") : null,
            TagLimits = item.TryGetProperty("tags", out var tags) ? ReadTags(tags, $"{path}.tags", rule) : new Dictionary<string, double>(StringComparer.Ordinal),
            MustPass = item.TryGetProperty("mustPass", out var keys) ? ReadKeys(keys, $"{path}.mustPass") : [],
        };
    }

    private static void ValidateFieldsOfRule(JsonElement item, string path, GateRule rule)
    {
        if (rule == GateRule.NotWorse)
        {
            if (item.TryGetProperty("threshold", out _))
                throw new InvalidInputException($"{path}.threshold: belongs to the rules rate and evidence; not_worse has a margin.");
            if (!item.TryGetProperty("margin", out _))
                throw new InvalidInputException($"{path}.margin: missing; not_worse needs the difference to stay below, 0..1, such as 0.05.");
            return;
        }

        foreach (var field in (string[])["margin", "baseline"])
        {
            if (item.TryGetProperty(field, out _))
                throw new InvalidInputException($"{path}.{field}: belongs to the rule not_worse, and this one is {PolicyWord.Of(rule)}.");
        }
    }

    private static (bool NeedsSecondPerson, bool NeedsApprover) ReadApproval(JsonElement approval)
    {
        ValidateObject(approval, "approval", "secondPerson", "role");
        if (approval.TryGetProperty("role", out var role) && Text(role, "approval.role", "\"Approver\"") != "Approver")
            throw new InvalidInputException($"approval.role: '{role.GetString()}' is not a role that approves; expected \"Approver\".");
        var secondPerson = false;
        if (approval.TryGetProperty("secondPerson", out var second))
        {
            secondPerson = second.ValueKind is JsonValueKind.True or JsonValueKind.False
                ? second.GetBoolean()
                : throw new InvalidInputException("approval.secondPerson: expected true or false.");
        }

        return (secondPerson, role.ValueKind == JsonValueKind.String);
    }

    private static GateRule ReadRule(JsonElement word, string path)
    {
        foreach (var rule in Enum.GetValues<GateRule>())
        {
            if (word.ValueKind == JsonValueKind.String && word.GetString() == PolicyWord.Of(rule))
                return rule;
        }

        throw new InvalidInputException($"{path}: {word.GetRawText()} is not a rule; expected {string.Join(", ", Enum.GetValues<GateRule>().Select(PolicyWord.Of))}.");
    }

    private static double Limit(JsonElement value, string path, GateRule rule) => rule switch
    {
        // A test against "at most 1" or "at most 0" has no other side.
        GateRule.Evidence => Number(value, path, number => number is > 0 and < 1, "a number above 0 and below 1, such as 0.8"),
        GateRule.NotWorse => Number(value, path, number => number is >= 0 and <= 1, "a number from 0 to 1, such as 0.05"),
        _ => Number(value, path, number => number is >= 0 and <= 1, "a number from 0 to 1, such as 0.8"),
    };

    private static string ReadBaseline(JsonElement value, string path)
    {
        var text = Text(value, path, "\"parent\", \"approved\", a version's label, or its number such as \"#12\"");
        return text[0] != '#' || (long.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0)
            ? text
            : throw new InvalidInputException($"{path}: '{text}' is not a version's number; expected one such as \"#12\".");
    }

    private static Dictionary<string, double> ReadTags(JsonElement value, string path, GateRule rule)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{path}: expected an object of tags and their limits, such as {{ \"safety\": 1 }}.");
        return value.EnumerateObject().ToDictionary(tag => tag.Name, tag => Limit(tag.Value, $"{path}.{tag.Name}", rule), StringComparer.Ordinal);
    }

    private static List<string> ReadKeys(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.Array)
            throw new InvalidInputException($"{path}: expected a list of case keys.");
        var keys = value.EnumerateArray().Select((key, i) => Text(key, $"{path}[{i}]", "a case key")).ToList();
        return keys.GroupBy(key => key, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice
            ? throw new InvalidInputException($"{path}: the case key '{twice.Key}' occurs twice.")
            : keys;
    }

    private static void ValidateDistinct(IReadOnlyList<PolicyRequirement> requirements)
    {
        for (var i = 0; i < requirements.Count; i++)
        {
            for (var k = 0; k < i; k++)
            {
                if (string.Equals(requirements[i].Suite, requirements[k].Suite, StringComparison.OrdinalIgnoreCase) && requirements[i].Rule == requirements[k].Rule)
                    throw new InvalidInputException($"requirements[{i}].suite: the suite '{requirements[i].Suite}' with the rule {PolicyWord.Of(requirements[i].Rule)} is required by requirements[{k}] already.");
            }
        }
    }

    private static void ValidateObject(JsonElement value, string path, params string[] fields)
    {
        if (value.ValueKind != JsonValueKind.Object)
            throw new InvalidInputException($"{path}: expected an object with {string.Join(", ", fields)}.");
        foreach (var property in value.EnumerateObject())
        {
            if (!fields.Contains(property.Name, StringComparer.Ordinal))
                throw new InvalidInputException($"{(path == "policy" ? "" : $"{path}.")}{property.Name}: unknown field; expected {string.Join(", ", fields)}.");
        }
    }

    private static string Text(JsonElement value, string path, string expected) =>
        value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text && text.Trim() == text
            ? text
            : throw new InvalidInputException($"{path}: expected {expected}.");

    private static double Number(JsonElement value, string path, Func<double, bool> isAllowed, string expected) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && isAllowed(number)
            ? number
            : throw new InvalidInputException($"{path}: {value.GetRawText()} is not allowed; expected {expected}.");
}
