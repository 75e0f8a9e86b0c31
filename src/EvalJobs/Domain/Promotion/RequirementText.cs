namespace EvalJobs.Domain;

/// <summary>A requirement in words.</summary>
internal static class RequirementText
{
    private const int NamedCases = 5;

    /// <returns>Such as <c>at least 80 %; tag 'money' at least 100 %; must pass: 'a', 'b'</c>.</returns>
    public static string Of(Requirement required)
    {
        var parts = new List<string> { Limit(required.Rule, required.Limit) };
        parts.AddRange(required.TagLimits.Select(tag => $"tag '{tag.Key}' {Limit(required.Rule, tag.Value)}"));
        if (required.MustPass.Count > 0)
            parts.Add($"must pass: {string.Join(", ", required.MustPass.Take(NamedCases).Select(key => $"'{key}'"))}{(required.MustPass.Count > NamedCases ? $" and {required.MustPass.Count - NamedCases} more" : "")}");
        return string.Join("; ", parts);
    }

    private static string Limit(GateRule rule, double limit) => rule switch
    {
        GateRule.Rate => $"at least {GateText.Percent(limit)}",
        GateRule.Evidence => $"above {GateText.Percent(limit)}",
        GateRule.NotWorse => $"worse by less than {GateText.Points(limit)}",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "A rule without words."),
    };
}
