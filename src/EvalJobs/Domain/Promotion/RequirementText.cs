using System.Globalization;

namespace EvalJobs.Domain;

/// <summary>The words for what a requirement asks, wherever people read one.</summary>
internal static class RequirementText
{
    private const int NamedCases = 5;

    /// <returns>Such as <c>at least 80 %; tag 'money' at least 100 %; must pass: 'a', 'b'</c>.</returns>
    public static string Of(GateRule rule, double limit, IReadOnlyDictionary<string, double> tagLimits, IReadOnlyList<string> mustPass)
    {
        var parts = new List<string> { Limit(rule, limit) };
        parts.AddRange(tagLimits.Select(tag => $"tag '{tag.Key}' {Limit(rule, tag.Value)}"));
        if (mustPass.Count > 0)
            parts.Add($"must pass: {string.Join(", ", mustPass.Take(NamedCases).Select(key => $"'{key}'"))}{(mustPass.Count > NamedCases ? $" and {mustPass.Count - NamedCases} more" : "")}");
        return string.Join("; ", parts);
    }

    private static string Limit(GateRule rule, double limit)
    {
        var number = Math.Round(limit * 100, 2).ToString("0.##", CultureInfo.InvariantCulture);
        return rule switch
        {
            GateRule.Rate => $"at least {number} %",
            GateRule.Evidence => $"above {number} %",
            GateRule.NotWorse => $"worse by less than {number} percentage {(number == "1" ? "point" : "points")}",
            _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "A rule without words."),
        };
    }
}
