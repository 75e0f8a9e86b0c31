namespace EvalJobs.Domain;

/// <summary>Decides what the evidence says about a version. A pure function: the same evidence always gives the same standing.</summary>
internal static class PromotionGate
{
    /// <summary>Judges each requirement and the whole.</summary>
    /// <param name="evidence">One entry per requirement; a version without requirements cannot meet any.</param>
    /// <param name="alpha">The shared chance of a wrong decision; see <see cref="VersionGate.Alpha"/>.</param>
    /// <exception cref="ArgumentException">A look does not match the suite revision's cases.</exception>
    public static GateStanding Decide(IReadOnlyList<RequirementEvidence> evidence, double alpha)
    {
        foreach (var one in evidence)
            ValidateLooks(one);

        var comparisons = BaselineComparison.DecideAll(evidence, alpha);
        var requirements = evidence.Select(one => Judge(one, alpha, comparisons)).ToList();
        return new GateStanding
        {
            Verdict = requirements.Count == 0 ? GateVerdict.Inconclusive : requirements.Max(requirement => requirement.Verdict),
            Reason = GateText.Overall(requirements),
            Requirements = requirements,
        };
    }

    private static RequirementStanding Judge(RequirementEvidence evidence, double alpha, IReadOnlyDictionary<(int Ordinal, string? Tag), PartStanding> comparisons)
    {
        var requirement = evidence.Requirement;
        var looks = evidence.Looks.Where(look => !look.IsVoid).ToList();
        var parts = PartsOf(requirement)
            .Select(part => requirement.Rule switch
            {
                GateRule.NotWorse => comparisons[(requirement.Ordinal, part.Tag)],
                GateRule.Evidence => EvidencePart(evidence, looks, part.Tag, part.Limit, alpha),
                _ => RatePart(evidence, looks, part.Tag, part.Limit),
            })
            .ToList();
        var missed = looks.Count == 0 ? [] : MissedCases(evidence, looks[^1]);

        var worst = parts.OrderByDescending(part => part.Verdict).First();
        var (verdict, reason) =
            evidence.FailedRunId is { } failed ? (GateVerdict.Fail, GateText.FailedRun(failed))
            : missed.Count > 0 ? (GateVerdict.Fail, GateText.MissedCases(missed, looks[^1].RunId))
            : (worst.Verdict, worst.Reason);
        return new RequirementStanding
        {
            Requirement = requirement,
            Verdict = verdict,
            Reason = reason,
            LookCount = looks.Count,
            VoidCount = evidence.Looks.Count - looks.Count,
            Parts = parts,
            MissedCases = missed,
            FailedRunId = evidence.FailedRunId,
        };
    }

    /// <summary>The whole suite, then its tags in order of name.</summary>
    internal static IEnumerable<(string? Tag, double Limit)> PartsOf(Requirement requirement) =>
        requirement.TagLimits.OrderBy(limit => limit.Key, StringComparer.Ordinal).Select(limit => ((string?)limit.Key, limit.Value))
            .Prepend((null, requirement.Limit));

    /// <summary>Which cases a part is about, by position.</summary>
    internal static bool[] Selection(IReadOnlyList<CaseFacts> cases, string? tag) =>
        [.. cases.Select(one => tag is null || one.Tags.Contains(tag, StringComparer.Ordinal))];

    private static PartStanding RatePart(RequirementEvidence evidence, IReadOnlyList<Look> looks, string? tag, double threshold)
    {
        var (passed, cases) = Pool(evidence, looks, tag);
        if (cases == 0)
            return Nothing(tag, threshold, looks.Count);

        var verdict = PassRule.PassRate(passed, cases) >= threshold ? GateVerdict.Pass : GateVerdict.Fail;
        return WithRate(new PartStanding
        {
            Tag = tag,
            Limit = threshold,
            Verdict = verdict,
            Reason = GateText.Rate(tag, passed, cases, looks.Count, threshold, verdict),
            Passed = passed,
            Cases = cases,
        });
    }

    private static PartStanding EvidencePart(RequirementEvidence evidence, IReadOnlyList<Look> looks, string? tag, double threshold, double alpha)
    {
        var (passed, cases) = Pool(evidence, looks, tag);
        if (cases == 0)
            return Nothing(tag, threshold, looks.Count);

        var goal = -Math.Log(alpha);
        var above = EProcess.LogAbove(passed, cases - passed, threshold);
        var below = EProcess.LogBelow(passed, cases - passed, threshold);
        var verdict = above >= goal ? GateVerdict.Pass : below >= goal ? GateVerdict.Fail : GateVerdict.Inconclusive;
        var more = verdict == GateVerdict.Inconclusive ? SampleSize.MoreForEvidence(passed, cases - passed, threshold, alpha) : null;
        return WithRate(new PartStanding
        {
            Tag = tag,
            Limit = threshold,
            Verdict = verdict,
            Reason = GateText.Evidence(tag, passed, cases, looks.Count, threshold, alpha, verdict, verdict == GateVerdict.Fail ? below : above, more),
            Passed = passed,
            Cases = cases,
            LogEvidence = above,
            MoreCases = more,
        });
    }

    private static PartStanding WithRate(PartStanding part)
    {
        var interval = WilsonInterval.Of(part.Passed, part.Cases);
        return part with { Estimate = PassRule.PassRate(part.Passed, part.Cases), Low = interval.Low, High = interval.High };
    }

    internal static PartStanding Nothing(string? tag, double limit, int looks) => new()
    {
        Tag = tag,
        Limit = limit,
        Verdict = GateVerdict.Inconclusive,
        Reason = looks == 0 ? "No completed run counts yet." : $"No case has the tag '{tag}'.",
        Passed = 0,
        Cases = 0,
    };

    private static (long Passed, long Cases) Pool(RequirementEvidence evidence, IReadOnlyList<Look> looks, string? tag)
    {
        var selected = Selection(evidence.Cases, tag);
        var (passed, cases) = (0L, 0L);
        foreach (var look in looks)
        {
            for (var i = 0; i < selected.Length; i++)
            {
                cases += selected[i] ? 1 : 0;
                passed += selected[i] && look.Outcomes[i] == CaseOutcome.Passed ? 1 : 0;
            }
        }

        return (passed, cases);
    }

    private static List<string> MissedCases(RequirementEvidence evidence, Look latest)
    {
        var named = evidence.Requirement.MustPass.ToHashSet(StringComparer.Ordinal);
        return [.. evidence.Cases
            .Where((one, i) => (one.MustPass || named.Contains(one.CaseKey)) && latest.Outcomes[i] != CaseOutcome.Passed)
            .Select(one => one.CaseKey)];
    }

    private static void ValidateLooks(RequirementEvidence evidence)
    {
        foreach (var look in evidence.Looks.Concat(evidence.BaselineLooks))
        {
            if (look.Outcomes.Length != evidence.Cases.Count)
                throw new ArgumentException($"Run {look.RunId} has {look.Outcomes.Length} outcomes for {evidence.Cases.Count} cases.", nameof(evidence));
        }
    }
}
