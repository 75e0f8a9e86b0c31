using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Compares what two versions made of the same suite, case by case.</summary>
internal sealed class RunComparisonRepository(EvaluationDatabase database)
{
    /// <returns>The suites both versions have a COMPLETED run of, live or archived, with the latest run of each; latest first.</returns>
    public Task<IReadOnlyList<ComparableRuns>> ListComparableAsync(long versionId, long baselineVersionId, CancellationToken cancellationToken) =>
        database.QueryAsync<ComparableRuns>(
            SqlQuery.ListComparableRuns, new { VersionId = versionId, BaselineVersionId = baselineVersionId }, cancellationToken);

    /// <summary>Compares two runs of one suite on the cases they share; cases are the same when their keys are, whatever the revision.</summary>
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
}
