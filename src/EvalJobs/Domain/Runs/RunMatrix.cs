namespace EvalJobs.Domain;

/// <summary>The result of one case in a run, without the texts.</summary>
internal sealed record CaseFigures
{
    /// <summary>The case, as this run's suite revision has it.</summary>
    public required long TestCaseId { get; init; }

    /// <inheritdoc cref="TestCase.Ordinal"/>
    public required int Ordinal { get; init; }

    /// <inheritdoc cref="TestCase.CaseKey"/>
    public required string CaseKey { get; init; }

    /// <inheritdoc cref="TestCase.Name"/>
    public required string Name { get; init; }

    /// <inheritdoc cref="TestCaseResult.Verdict"/>
    public required CaseVerdict Verdict { get; init; }

    /// <inheritdoc cref="TestCaseResult.Score"/>
    public double? Score { get; init; }

    /// <inheritdoc cref="TestCaseResult.DurationMs"/>
    public required long DurationMs { get; init; }

    /// <inheritdoc cref="TestCaseResult.Cost"/>
    public double? Cost { get; init; }
}

/// <summary>One case across several runs, of which the first is the baseline. Cases are matched by key, whatever the revision.</summary>
/// <param name="CaseKey">Its stable name.</param>
/// <param name="Name">Its title.</param>
/// <param name="Outcomes">Its result in each run, in the order of the runs; null if a run has no result of it.</param>
internal sealed record MatrixCase(string CaseKey, string Name, IReadOnlyList<CaseFigures?> Outcomes)
{
    /// <summary>Whether it passed in the baseline and not in some other run.</summary>
    public bool IsNewlyFailing => Outcomes[0] is { Verdict: CaseVerdict.Passed } && Outcomes.Skip(1).Any(other => other is { Verdict: not CaseVerdict.Passed });

    /// <summary>Whether it did not pass in the baseline and did in some other run.</summary>
    public bool IsNewlyPassing => Outcomes[0] is { Verdict: not CaseVerdict.Passed } && Outcomes.Skip(1).Any(other => other is { Verdict: CaseVerdict.Passed });

    /// <summary>Whether the runs with a result of it have different verdicts.</summary>
    public bool IsDifferent => Outcomes.OfType<CaseFigures>().Select(outcome => outcome.Verdict).Distinct().Count() > 1;

    /// <summary>Whether some run has no result of it: its suite revision does not have the case, or it was not asked.</summary>
    public bool IsMissing => Outcomes.Any(outcome => outcome is null);
}

/// <summary>Several runs, compared case by case.</summary>
internal static class RunMatrix
{
    /// <summary>Runs compared at most, the baseline among them.</summary>
    public const int MaxRuns = 6;

    /// <param name="runs">The outcomes of each run; the first run is the baseline.</param>
    /// <returns>Every case that some run has, in the order of the baseline, then those it does not have.</returns>
    public static IReadOnlyList<MatrixCase> Of(IReadOnlyList<IReadOnlyList<CaseFigures>> runs)
    {
        var byKey = new Dictionary<string, CaseFigures?[]>(StringComparer.Ordinal);
        var order = new List<string>();
        for (var run = 0; run < runs.Count; run++)
        {
            foreach (var outcome in runs[run])
            {
                if (!byKey.TryGetValue(outcome.CaseKey, out var outcomes))
                {
                    byKey.Add(outcome.CaseKey, outcomes = new CaseFigures?[runs.Count]);
                    order.Add(outcome.CaseKey);
                }

                outcomes[run] = outcome;
            }
        }

        return [.. order.Select(key => new MatrixCase(key, byKey[key].First(outcome => outcome is not null)!.Name, byKey[key]))];
    }

    /// <param name="cases">The compared cases.</param>
    /// <param name="run">The index of the run that is compared with the baseline, from 1.</param>
    public static RunComparison AgainstBaseline(IReadOnlyList<MatrixCase> cases, int run)
    {
        var shared = cases.Where(each => each.Outcomes[0] is not null && each.Outcomes[run] is not null).ToList();
        return new RunComparison
        {
            SharedCount = shared.Count,
            NewlyFailingCount = shared.Count(each => each.Outcomes[0]!.Verdict == CaseVerdict.Passed && each.Outcomes[run]!.Verdict != CaseVerdict.Passed),
            NewlyPassingCount = shared.Count(each => each.Outcomes[0]!.Verdict != CaseVerdict.Passed && each.Outcomes[run]!.Verdict == CaseVerdict.Passed),
            Changed = [],
        };
    }

    /// <returns>The 95th percentile of the answers' times in milliseconds, by nearest rank: 95 % took no longer. Null without a case.</returns>
    public static long? Percentile95(IReadOnlyList<CaseFigures> outcomes) => outcomes.Count == 0
        ? null
        : outcomes.Select(outcome => outcome.DurationMs).Order().ElementAt((int)Math.Ceiling(outcomes.Count * 0.95) - 1);
}
