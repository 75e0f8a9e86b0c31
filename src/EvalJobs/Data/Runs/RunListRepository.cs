using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Lists runs for people, live and archived, fast for any number of runs.</summary>
internal sealed class RunListRepository(EvaluationDatabase database)
{
    /// <summary>Completed runs that <see cref="FindAsync"/> reads at most for an outcome, by default.</summary>
    public const int MaxSearched = 10_000;

    private const int SearchStep = 500;

    /// <returns>A page of runs with the names of what they belong to, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<RunRow>> ListAsync(RunListFilter filter, int limit, CancellationToken cancellationToken) =>
        await ListAsync(await ListIdsAsync(filter, limit, cancellationToken), cancellationToken);

    /// <returns>
    /// The same page as <see cref="ListAsync(RunListFilter, int, CancellationToken)"/>, but a filter by outcome, which no index contains, searches at most
    /// <paramref name="maxSearched"/> completed runs, because a person waits for the page.
    /// </returns>
    public async Task<FoundRuns> FindAsync(RunListFilter filter, int limit, CancellationToken cancellationToken, int maxSearched = MaxSearched)
    {
        if (filter.Outcome is null)
            return new FoundRuns(await ListAsync(filter, limit, cancellationToken), null);
        var (ids, searchedTo) = await SearchAsync(filter, limit, maxSearched, cancellationToken);
        return new FoundRuns(await ListAsync(ids, cancellationToken), searchedTo);
    }

    /// <returns>The ids of a page of runs, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<long>> ListIdsAsync(RunListFilter filter, int limit, CancellationToken cancellationToken) => filter.Outcome is not null
        ? (await SearchAsync(filter, limit, int.MaxValue, cancellationToken)).Ids
        : [.. (await PerTenantReader.ReadAsync(filter.TenantIds, tenant => ListIdsAsync(filter, tenant, limit, cancellationToken))).Distinct().OrderDescending().Take(limit)];

    /// <returns>These runs, newest first; unknown ids are left out.</returns>
    public async Task<IReadOnlyList<RunRow>> ListAsync(IEnumerable<long> runIds, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<RunRow>(SqlQuery.ListRunRows, new { RunIds = JsonSerializer.Serialize(runIds) }, cancellationToken))
            .DistinctBy(run => run.Id)];

    /// <returns>The highest id of runs at that time; later runs have higher ids.</returns>
    /// <remarks>Ids follow creation to within moments, which is good enough to find runs by time, but not to count them.</remarks>
    public Task<long> FindIdAtAsync(TimeSpan ago, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<long>(SqlQuery.FindRunIdAt, new { AgoMs = (long)ago.TotalMilliseconds }, cancellationToken);

    /// <summary>Looks through the completed runs, the newest first, for those with an outcome.</summary>
    private async Task<(IReadOnlyList<long> Ids, long? SearchedTo)> SearchAsync(RunListFilter filter, int limit, int maxSearched, CancellationToken cancellationToken)
    {
        var completed = filter with { Status = RunStatus.Completed, NeedsAction = false, Outcome = null };
        var found = new List<long>();
        for (var searched = 0; searched < maxSearched; searched += SearchStep)
        {
            var ids = await ListIdsAsync(completed, Math.Min(SearchStep, maxSearched - searched), cancellationToken);
            var fitting = (await database.QueryAsync<RunOutcomeRow>(SqlQuery.ListRunOutcomes, new { RunIds = JsonSerializer.Serialize(ids) }, cancellationToken))
                .Where(run => run.Outcome == filter.Outcome).Select(run => run.Id);
            found.AddRange(fitting.Distinct().OrderDescending());
            if (found.Count >= limit || ids.Count == 0)
                return ([.. found.Take(limit)], null);
            completed = completed with { BeforeId = ids[^1] };
        }

        return (found, completed.BeforeId);
    }

    // The most selective filter decides which index is read.
    private Task<IReadOnlyList<long>> ListIdsAsync(RunListFilter filter, long? tenantId, int limit, CancellationToken cancellationToken)
    {
        var (afterId, beforeId) = (filter.AfterId, filter.BeforeId);
        var status = filter.Status is { } requested ? StoredWord.Of(requested) : null;
        if (filter.NeedsAction)
        {
            return database.QueryAsync<long>(
                SqlQuery.ListRunsNeedingAction, new { TenantId = tenantId, filter.VersionId, filter.SuiteId, filter.BatchId, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken);
        }

        if (filter.VersionId is { } versionId)
        {
            return database.QueryAsync<long>(
                SqlQuery.ListRunIdsOfVersion,
                new { VersionId = versionId, TenantId = tenantId, filter.SuiteId, filter.BatchId, Status = status, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken);
        }

        if (filter.SuiteId is { } suiteId)
        {
            return database.QueryAsync<long>(
                SqlQuery.ListRunIdsOfSuite, new { SuiteId = suiteId, TenantId = tenantId, filter.BatchId, Status = status, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken);
        }

        if (filter.BatchId is { } batchId)
        {
            return database.QueryAsync<long>(
                SqlQuery.ListRunIdsOfBatch, new { BatchId = batchId, TenantId = tenantId, Status = status, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken);
        }

        return (tenantId, status) switch
        {
            (not null, not null) => database.QueryAsync<long>(
                SqlQuery.ListRunIdsOfTenantAndState, new { TenantId = tenantId, Status = status, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken),
            (not null, null) => database.QueryAsync<long>(SqlQuery.ListRunIdsOfTenant, new { TenantId = tenantId, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken),
            (null, not null) => database.QueryAsync<long>(SqlQuery.ListRunIdsInState, new { Status = status, AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken),
            (null, null) => database.QueryAsync<long>(SqlQuery.ListRunIds, new { AfterId = afterId, BeforeId = beforeId, Limit = limit }, cancellationToken),
        };
    }
}

/// <summary>Which runs to list; null means any.</summary>
internal sealed record RunListFilter
{
    /// <summary>Of these tenants; a few at most.</summary>
    public IReadOnlyCollection<long>? TenantIds { get; init; }

    /// <summary>Of this version.</summary>
    public long? VersionId { get; init; }

    /// <summary>Of this suite.</summary>
    public long? SuiteId { get; init; }

    /// <summary>Claimed last by this tenant batch.</summary>
    public long? BatchId { get; init; }

    /// <summary>In this state.</summary>
    public RunStatus? Status { get; init; }

    /// <summary>
    /// Only runs that failed permanently and need action: nobody has acknowledged them and no later run of the version and suite has replaced them.
    /// <see cref="Status"/> is ignored then.
    /// </summary>
    public bool NeedsAction { get; init; }

    /// <summary>Only completed runs with this outcome; <see cref="Status"/> and <see cref="NeedsAction"/> are ignored then.</summary>
    public RunOutcome? Outcome { get; init; }

    /// <summary>With greater ids only.</summary>
    public long AfterId { get; init; }

    /// <summary>With smaller ids only: the last id of the previous page.</summary>
    public long BeforeId { get; init; } = long.MaxValue;
}

/// <summary>One run with the names of what it belongs to, for reading.</summary>
internal sealed record RunRow
{
    /// <inheritdoc cref="EvaluationRun.Id"/>
    public required long Id { get; init; }

    /// <inheritdoc cref="EvaluationRun.TenantId"/>
    public required long TenantId { get; init; }

    /// <summary>Its tenant's short name.</summary>
    public required string TenantSlug { get; init; }

    /// <summary>Its tenant's name for people.</summary>
    public required string TenantName { get; init; }

    /// <inheritdoc cref="EvaluationRun.SuiteId"/>
    public required long SuiteId { get; init; }

    /// <summary>Its suite's name.</summary>
    public required string SuiteName { get; init; }

    /// <inheritdoc cref="EvaluationRun.SuiteRevision"/>
    public required int SuiteRevision { get; init; }

    /// <inheritdoc cref="EvaluationRun.VersionId"/>
    public required long VersionId { get; init; }

    /// <summary>Its version's agent.</summary>
    public required string AgentName { get; init; }

    /// <summary>Its version's label.</summary>
    public required string VersionLabel { get; init; }

    /// <summary>Its version's evaluation status now.</summary>
    public EvalStatus EvalStatus { get; init; }

    /// <inheritdoc cref="EvaluationRun.Status"/>
    public required RunStatus Status { get; init; }

    /// <inheritdoc cref="EvaluationRun.Priority"/>
    public required int Priority { get; init; }

    /// <inheritdoc cref="EvaluationRun.DueAt"/>
    public required DateTimeOffset DueAt { get; init; }

    /// <inheritdoc cref="EvaluationRun.Attempt"/>
    public required int Attempt { get; init; }

    /// <inheritdoc cref="EvaluationRun.Trigger"/>
    public required RunTrigger Trigger { get; init; }

    /// <inheritdoc cref="EvaluationRun.CreatedAt"/>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <inheritdoc cref="EvaluationRun.StartedAt"/>
    public DateTimeOffset? StartedAt { get; init; }

    /// <inheritdoc cref="EvaluationRun.CompletedAt"/>
    public DateTimeOffset? CompletedAt { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassThreshold"/>
    public required double PassThreshold { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassRate"/>
    public double? PassRate { get; init; }

    /// <inheritdoc cref="EvaluationRun.CaseCount"/>
    public required int CaseCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassedCount"/>
    public required int PassedCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.FailedCount"/>
    public int FailedCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.ErroredCount"/>
    public int ErroredCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.UnscoredCount"/>
    public int UnscoredCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.CutCount"/>
    public int CutCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.OverallScore"/>
    public double? OverallScore { get; init; }

    /// <inheritdoc cref="EvaluationRun.InputTokens"/>
    public long? InputTokens { get; init; }

    /// <inheritdoc cref="EvaluationRun.OutputTokens"/>
    public long? OutputTokens { get; init; }

    /// <inheritdoc cref="EvaluationRun.Cost"/>
    public double? Cost { get; init; }

    /// <inheritdoc cref="EvaluationRun.Error"/>
    public string? Error { get; init; }

    /// <summary>When it moved to the archive, UTC; null when it has not.</summary>
    public DateTimeOffset? ArchivedAt { get; init; }

    /// <summary>Which cases of an ended run have no verdict, such as <c>2 ERRORED, 1 UNSCORED</c>; null when all have one, or the run has not ended.</summary>
    public string? MissingVerdicts => CompletedAt is null ? null : Domain.MissingVerdicts.Describe(ErroredCount, UnscoredCount);

    /// <summary>When it was declared void as evidence, UTC; null when it was not.</summary>
    public DateTimeOffset? VoidedAt { get; init; }

    /// <summary>When a person acknowledged it, UTC; null when nobody has.</summary>
    public DateTimeOffset? AcknowledgedAt { get; init; }

    /// <summary>Of a run that failed permanently: the run of the version and suite that replaced it; null when none has.</summary>
    public long? LaterRunId { get; init; }

    /// <summary>Whether it failed permanently and needs action: what <see cref="RunListFilter.NeedsAction"/> lists.</summary>
    public bool NeedsAction => Status == RunStatus.Failed && AcknowledgedAt is null && LaterRunId is null && ArchivedAt is null;

    /// <summary>PASS or FAIL of a completed run; null for other runs.</summary>
    public EvalStatus? Outcome => PassRule.Outcome(Status, PassedCount, CaseCount, PassThreshold);
}

/// <summary>A page of runs.</summary>
/// <param name="Runs">The runs, newest first.</param>
/// <param name="SearchedTo">The oldest run looked at, where the search ended before the page was full; older ones may follow. Null when it did not.</param>
internal sealed record FoundRuns(IReadOnlyList<RunRow> Runs, long? SearchedTo);

/// <summary>The outcome of a completed run.</summary>
internal enum RunOutcome
{
    /// <summary>Enough cases passed.</summary>
    Pass,

    /// <summary>Too few cases passed.</summary>
    Fail,

    /// <summary>Declared void as evidence, whatever its outcome was.</summary>
    Void,
}

/// <summary>What the outcome of a run follows from.</summary>
internal sealed record RunOutcomeRow
{
    /// <inheritdoc cref="EvaluationRun.Id"/>
    public required long Id { get; init; }

    /// <inheritdoc cref="EvaluationRun.Status"/>
    public required RunStatus Status { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassedCount"/>
    public required int PassedCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.CaseCount"/>
    public required int CaseCount { get; init; }

    /// <inheritdoc cref="EvaluationRun.PassThreshold"/>
    public required double PassThreshold { get; init; }

    /// <inheritdoc cref="RunRow.VoidedAt"/>
    public DateTimeOffset? VoidedAt { get; init; }

    /// <summary>The outcome; null unless it completed.</summary>
    public RunOutcome? Outcome => PassRule.Outcome(Status, PassedCount, CaseCount, PassThreshold) switch
    {
        null => null,
        _ when VoidedAt is not null => RunOutcome.Void,
        EvalStatus.Pass => RunOutcome.Pass,
        _ => RunOutcome.Fail,
    };
}
