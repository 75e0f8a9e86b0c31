using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Lists runs for people, live and archived alike, fast however many there are.</summary>
internal sealed class RunListRepository(EvaluationDatabase database)
{
    /// <returns>A page of runs with the names of what they belong to, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<RunRow>> ListAsync(RunListFilter filter, int limit, CancellationToken cancellationToken) =>
        await ListAsync(await ListIdsAsync(filter, limit, cancellationToken), cancellationToken);

    /// <returns>The ids of a page of runs, newest first; empty after the last.</returns>
    public async Task<IReadOnlyList<long>> ListIdsAsync(RunListFilter filter, int limit, CancellationToken cancellationToken) =>
        [.. (await EachTenant.ReadAsync(filter.TenantIds, tenant => ListIdsAsync(filter, tenant, limit, cancellationToken))).Distinct().OrderDescending().Take(limit)];

    /// <returns>These runs, newest first; unknown ids are left out.</returns>
    public async Task<IReadOnlyList<RunRow>> ListAsync(IEnumerable<long> runIds, CancellationToken cancellationToken) =>
        [.. (await database.QueryAsync<RunRow>(SqlQuery.ListRunRows, new { RunIds = JsonSerializer.Serialize(runIds) }, cancellationToken))
            .DistinctBy(run => run.Id)];

    /// <returns>The id that runs had reached so long ago: greater ids are younger.</returns>
    /// <remarks>Ids follow creation to within moments: good enough to look for runs by time, not to account for them.</remarks>
    public Task<long> FindIdAtAsync(TimeSpan ago, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<long>(SqlQuery.FindRunIdAt, new { AgoMs = (long)ago.TotalMilliseconds }, cancellationToken);

    private Task<IReadOnlyList<long>> ListIdsAsync(RunListFilter filter, long? tenantId, int limit, CancellationToken cancellationToken) => filter.NeedsAction
        ? database.QueryAsync<long>(
            SqlQuery.ListRunsNeedingAction,
            new { TenantId = tenantId, filter.VersionId, filter.SuiteId, filter.AfterId, filter.BeforeId, Limit = limit },
            cancellationToken)
        : database.QueryAsync<long>(
            SqlQuery.ListRunIds,
            new
            {
                TenantId = tenantId,
                filter.VersionId,
                filter.SuiteId,
                filter.BatchId,
                Status = filter.Status is { } status ? StoredWord.Of(status) : null,
                filter.AfterId,
                filter.BeforeId,
                Limit = limit,
            },
            cancellationToken);
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
    /// Only runs that failed for good and need action: nobody has acknowledged them and no later run of the version and suite has replaced them.
    /// <see cref="BatchId"/> and <see cref="Status"/> are not looked at then.
    /// </summary>
    public bool NeedsAction { get; init; }

    /// <summary>With greater ids only.</summary>
    public long AfterId { get; init; }

    /// <summary>With smaller ids only: the last id of the page before.</summary>
    public long BeforeId { get; init; } = long.MaxValue;
}

/// <summary>One run beside the names of what it belongs to, for reading.</summary>
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

    /// <summary>What a completed run says of its version; null for any other.</summary>
    public EvalStatus? Outcome => PassRule.Outcome(Status, PassedCount, CaseCount, PassThreshold);
}
