namespace EvalJobs.Domain;

/// <summary>The words of a policy file for our enums: <c>not_worse</c>.</summary>
internal static class PolicyWord
{
    /// <returns>The word in lower case.</returns>
    public static string Of(GateRule rule) => rule switch
    {
        GateRule.Rate => "rate",
        GateRule.Evidence => "evidence",
        GateRule.NotWorse => "not_worse",
        _ => throw new ArgumentOutOfRangeException(nameof(rule), rule, "A rule without a word."),
    };

    /// <returns>The rule of a word; null for an unknown word.</returns>
    public static GateRule? Find(string? word)
    {
        foreach (var rule in Enum.GetValues<GateRule>())
        {
            if (Of(rule) == word)
                return rule;
        }

        return null;
    }
}
