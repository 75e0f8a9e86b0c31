namespace EvalJobs.Domain;

/// <summary>Judges all <see cref="GateRule.NotWorse"/> requirements together, because they share α.</summary>
internal static class BaselineComparison
{
    /// <returns>The outcome of each part of these requirements, by the requirement's ordinal and the tag.</returns>
    public static IReadOnlyDictionary<(int Ordinal, string? Tag), PartStanding> DecideAll(IReadOnlyList<RequirementEvidence> evidence, double alpha)
    {
        var parts = evidence
            .Where(one => one.Requirement.Rule == GateRule.NotWorse)
            .SelectMany(one => PromotionGate.PartsOf(one.Requirement).Select(part => Compare(one, part.Tag, part.Limit)))
            .ToList();

        // A part without evidence is counted as a test, too: a test that is not made yet must not make the others easier.
        var decisions = HolmStepDown.Decide([.. parts.Select(part => part.Difference?.P(part.Limit) ?? 1)], alpha);
        return parts.Zip(decisions, Judge).ToDictionary(part => part.Key, part => part.Standing);
    }

    private static ((int Ordinal, string? Tag) Key, PartStanding Standing) Judge(Part part, HolmDecision decision)
    {
        var key = (part.Evidence.Requirement.Ordinal, part.Tag);
        if (part.Difference is not { } difference)
            return (key, PromotionGate.Nothing(part.Tag, part.Limit, part.LookCount) with { Reason = part.Missing! });

        var verdict = !decision.IsRejected ? GateVerdict.Inconclusive : difference.Score(part.Limit) < 0 ? GateVerdict.Pass : GateVerdict.Fail;
        var (low, high) = difference.Interval(1 - decision.Level);
        var more = verdict == GateVerdict.Inconclusive ? SampleSize.MoreForPairedComparison(difference, part.Limit, decision.Level) : null;
        return (key, new PartStanding
        {
            Tag = part.Tag,
            Limit = part.Limit,
            Verdict = verdict,
            Reason = GateText.NotWorse(part.Tag, difference, part.Evidence.Requirement.BaselineLabel, part.LookCount, part.Limit, verdict, low, high, more),
            Passed = part.Passed,
            Cases = part.Cases,
            Estimate = difference.Estimate,
            Low = low,
            High = high,
            Level = decision.Level,
            MoreCases = more,
        });
    }

    /// <summary>
    /// Pairs the cases. With several looks a case counts by the share of its pairs of looks that differ, so that repeating a run makes the comparison
    /// steadier but never adds cases to it.
    /// </summary>
    private static Part Compare(RequirementEvidence evidence, string? tag, double limit)
    {
        var looks = evidence.Looks.Where(look => !look.IsVoid).ToList();
        var baseline = evidence.BaselineLooks.Where(look => !look.IsVoid).ToList();
        var selected = PromotionGate.Selection(evidence.Cases, tag);
        var cases = selected.Count(isSelected => isSelected);
        var part = new Part(evidence, tag, limit, looks.Count);
        if (looks.Count == 0)
            return part with { Missing = "No completed run counts yet." };
        if (baseline.Count == 0)
            return part with { Missing = $"The baseline '{evidence.Requirement.BaselineLabel}' has no completed run of this suite revision that counts; create one." };
        if (cases == 0)
            return part with { Missing = $"No case has the tag '{tag}'." };

        var (newlyFailing, newlyPassing, passed) = (0L, 0L, 0L);
        for (var i = 0; i < selected.Length; i++)
        {
            if (!selected[i])
                continue;
            long now = looks.Count(look => look.Outcomes[i] == CaseOutcome.Passed);
            long before = baseline.Count(look => look.Outcomes[i] == CaseOutcome.Passed);
            newlyFailing += before * (looks.Count - now);
            newlyPassing += now * (baseline.Count - before);
            passed += now;
        }

        double pairs = (long)looks.Count * baseline.Count;
        return part with
        {
            Difference = PairedDifference.Of(newlyFailing / pairs, newlyPassing / pairs, cases),
            Passed = passed,
            Cases = (long)cases * looks.Count,
        };
    }

    private sealed record Part(RequirementEvidence Evidence, string? Tag, double Limit, int LookCount)
    {
        public PairedDifference? Difference { get; init; }

        public string? Missing { get; init; }

        public long Passed { get; init; }

        public long Cases { get; init; }
    }
}
