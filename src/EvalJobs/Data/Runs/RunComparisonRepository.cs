using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Compares the results of two versions on the same suite, case by case.</summary>
internal sealed class RunComparisonRepository(EvaluationDatabase database)
{
    /// <returns>The suites both versions have a COMPLETED run of, live or archived, with the latest run of each: first the suites that are required of the version now, then the others, each the latest first.</returns>
    public Task<IReadOnlyList<ComparableRuns>> ListComparableAsync(long versionId, long baselineVersionId, CancellationToken cancellationToken) =>
        database.QueryAsync<ComparableRuns>(
            SqlQuery.ListComparableRuns, new { VersionId = versionId, BaselineVersionId = baselineVersionId }, cancellationToken);

    /// <summary>Compares two runs of one suite on the cases they share, matched by key, whatever the revision.</summary>
    /// <param name="run">The run in question.</param>
    /// <param name="baseline">The run it is compared with.</param>
    /// <param name="limit">Changed cases listed at most; all are counted.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<RunComparison> CompareAsync(EvaluationRun run, EvaluationRun baseline, int limit, CancellationToken cancellationToken)
    {
        var pairs = await database.QueryAsync<CasePairs>(
            SqlQuery.CountCasePairs,
            new { RunId = run.Id, BaselineRunId = baseline.Id, run.SuiteId, BaselineRevision = baseline.SuiteRevision },
            cancellationToken);
        var changed = await database.QueryAsync<ChangedCase>(
            SqlQuery.ListChangedCases,
            new { RunId = run.Id, BaselineRunId = baseline.Id, run.SuiteId, BaselineRevision = baseline.SuiteRevision, Limit = limit },
            cancellationToken);

        return new RunComparison
        {
            SharedCount = pairs.Sum(pair => pair.CaseCount),
            NewlyFailingCount = pairs.Where(pair => pair is { Verdict: not CaseVerdict.Passed, BaselineVerdict: CaseVerdict.Passed }).Sum(pair => pair.CaseCount),
            NewlyPassingCount = pairs.Where(pair => pair is { Verdict: CaseVerdict.Passed, BaselineVerdict: not CaseVerdict.Passed }).Sum(pair => pair.CaseCount),
            Changed = changed,
        };
    }

    /// <returns>A page of the cases that two runs of one suite share, by ordinal; empty after the last.</returns>
    /// <param name="run">The run in question.</param>
    /// <param name="baseline">The run it is compared with.</param>
    /// <param name="afterOrdinal">The last ordinal of the previous page; 0 for the first page.</param>
    /// <param name="limit">Cases at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    internal Task<IReadOnlyList<ComparedCase>> ListCasesAsync(
        EvaluationRun run, EvaluationRun baseline, int afterOrdinal, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<ComparedCase>(
            SqlQuery.ListComparedCases,
            new
            {
                RunId = run.Id,
                BaselineRunId = baseline.Id,
                run.SuiteId,
                Revision = run.SuiteRevision,
                BaselineRevision = baseline.SuiteRevision,
                AfterOrdinal = afterOrdinal,
                Limit = limit,
            },
            cancellationToken);

    private sealed record CasePairs
    {
        public required CaseVerdict Verdict { get; init; }

        public required CaseVerdict BaselineVerdict { get; init; }

        public required int CaseCount { get; init; }
    }
}

/// <summary>The latest COMPLETED runs of one suite by two versions.</summary>
internal sealed record ComparableRuns
{
    /// <summary>The suite.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Its name.</summary>
    public required string SuiteName { get; init; }

    /// <summary>The run of the version in question.</summary>
    public required long RunId { get; init; }

    /// <summary>The run of the version it is compared with.</summary>
    public required long BaselineRunId { get; init; }

    /// <returns>Of the suites that two versions can be compared on, in the order of <see cref="RunComparisonRepository.ListComparableAsync"/>, the suite asked for, else the first; null when there is none.</returns>
    public static ComparableRuns? Choose(IEnumerable<ComparableRuns> comparable, long? suiteId) => comparable.FirstOrDefault(pair => suiteId is null || pair.SuiteId == suiteId);
}

/// <summary>The results of one case in two runs of its suite.</summary>
internal sealed record ComparedCase
{
    /// <inheritdoc cref="TestCase.Ordinal"/>
    public required int Ordinal { get; init; }

    /// <inheritdoc cref="TestCase.CaseKey"/>
    public required string CaseKey { get; init; }

    /// <inheritdoc cref="TestCase.Name"/>
    public required string Name { get; init; }

    /// <summary>Its verdict in the run in question.</summary>
    public required CaseVerdict Verdict { get; init; }

    /// <inheritdoc cref="TestCaseResult.Score"/>
    public double? Score { get; init; }

    /// <inheritdoc cref="TestCaseResult.DurationMs"/>
    public required long DurationMs { get; init; }

    /// <summary>Its verdict in the baseline.</summary>
    public required CaseVerdict BaselineVerdict { get; init; }

    /// <inheritdoc cref="TestCaseResult.Score"/>
    public double? BaselineScore { get; init; }

    /// <inheritdoc cref="TestCaseResult.DurationMs"/>
    public required long BaselineDurationMs { get; init; }

    /// <summary>Whether it is newly failing (NEWLY_FAILING), newly passing (NEWLY_PASSING) or neither (SAME).</summary>
    public string Change => (Verdict == CaseVerdict.Passed, BaselineVerdict == CaseVerdict.Passed) switch
    {
        (false, true) => "NEWLY_FAILING",
        (true, false) => "NEWLY_PASSING",
        _ => "SAME",
    };
}
