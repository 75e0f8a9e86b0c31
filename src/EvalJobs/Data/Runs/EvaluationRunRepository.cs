using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>The operations of people on runs: create, find, read, cancel. The operations of workers are in <see cref="RunClaimRepository"/>.</summary>
internal sealed class EvaluationRunRepository(EvaluationDatabase database)
{
    /// <summary>Creates a pending run of a suite's current revision. If the version requires that revision, its evaluation status becomes RUNNING.</summary>
    /// <param name="versionId">The version to evaluate, in any state but RETIRED.</param>
    /// <param name="suiteId">A suite of the same tenant; null means its default one.</param>
    /// <param name="priority">Higher goes first within the tenant; within <see cref="RunPriority"/>.</param>
    /// <param name="trigger">Why the run exists.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The priority is out of bounds.</exception>
    /// <exception cref="NotFoundException">No such version or suite.</exception>
    /// <exception cref="ConflictException">The version is RETIRED or has a run that has not ended, or the suite has no cases.</exception>
    public Task<EvaluationRun> CreateAsync(
        long versionId, long? suiteId, int priority, RunTrigger trigger, string actor, CancellationToken cancellationToken) =>
        RunCreation.OneLiveRunAsync(() => database.WriteAsync(async db =>
        {
            var version = await LockVersionAsync(db, versionId);
            return await RunCreation.CreateAsync(db, version, suiteId, priority, trigger, actor);
        }, cancellationToken));

    /// <summary>Creates a run that repeats one that FAILED or was CANCELLED: the same version, suite revision, threshold and priority.</summary>
    /// <param name="runId">The ended run, live or archived. It stays as it is.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The new pending run.</returns>
    /// <exception cref="NotFoundException">No such run.</exception>
    /// <exception cref="ConflictException">The run has not ended or COMPLETED, or its version is RETIRED or has a run that has not ended.</exception>
    public async Task<EvaluationRun> RetryAsync(long runId, string actor, CancellationToken cancellationToken)
    {
        var ended = await GetAsync(runId, cancellationToken);
        if (ended.Status is not (RunStatus.Failed or RunStatus.Cancelled))
        {
            throw new ConflictException(
                $"Run {runId} is {StoredWord.Of(ended.Status)}; only a FAILED or CANCELLED run is retried. Its cases without a verdict can be asked again alone; to evaluate the version once more, create a run.") { Remedies = [new(RemedyKind.AskErroredAgain, Value: $"{runId}")] };
        }

        return await RunCreation.OneLiveRunAsync(() => database.WriteAsync(
            async db => await RunCreation.RepeatAsync(db, await LockVersionAsync(db, ended.VersionId), ended, actor), cancellationToken));
    }

    /// <summary>Creates a run that keeps the verdicts of a COMPLETED run and asks again only its ERRORED and UNSCORED cases. When it completes, it replaces that run as evidence.</summary>
    /// <param name="runId">The completed run, not archived. It stays as it is, and stays evidence until then.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The new pending run, with a copy of the verdicts.</returns>
    /// <exception cref="NotFoundException">No such run.</exception>
    /// <exception cref="ConflictException">The run did not complete, has a verdict for every case, is archived or void, or its version is RETIRED or has a run that has not ended.</exception>
    /// <remarks>A case that has a verdict keeps it, so no answer gets a second chance.</remarks>
    public async Task<EvaluationRun> RetryErroredAsync(long runId, string actor, CancellationToken cancellationToken)
    {
        var completed = await GetAsync(runId, cancellationToken);
        if (completed.Status != RunStatus.Completed)
        {
            throw new ConflictException(
                $"Run {runId} is {StoredWord.Of(completed.Status)}; only the cases of a COMPLETED run are asked again. A FAILED or CANCELLED run is retried as a whole.") { Remedies = [new(RemedyKind.RetryRun, Value: $"{runId}")] };
        }

        if (completed.ErroredCount + completed.UnscoredCount == 0)
            throw new ConflictException($"Run {runId} has a verdict for each of its {completed.CaseCount} cases: there is nothing to ask again.");

        return await RunCreation.OneLiveRunAsync(() => database.WriteAsync(async db =>
        {
            var version = await LockVersionAsync(db, completed.VersionId);
            var tally = await db.QuerySingleOrDefaultAsync<RunTally>(SqlQuery.TallyRun, new { RunId = runId });
            if (tally?.ResultCount != completed.CaseCount)
                throw new ConflictException($"Run {runId} is in the archive, with its results. Restore it first.") { Remedies = [new(RemedyKind.RestoreRun, Value: $"{runId}")] };
            await GateEvidence.AddMissingLooksAsync(db, completed.VersionId, completed.SuiteId, completed.SuiteRevision);
            if (await db.QuerySingleOrDefaultAsync<Look>(SqlQuery.GetLook, new { RunId = runId }) is { IsVoid: true } look)
                throw new ConflictException($"Run {runId} is void: {look.VoidReason} To evaluate the version once more, create a run.");
            return await RunCreation.ContinueAsync(db, version, completed, actor);
        }, cancellationToken));
    }

    /// <returns>The run, live or archived.</returns>
    /// <exception cref="NotFoundException">No such run.</exception>
    /// <remarks>
    /// A run on its way to the archive may be seen in both places; either row is right. A run that is just being restored may be seen in neither
    /// on SQL Server without snapshot isolation, which reads the live table first; a second read finds it.
    /// </remarks>
    public async Task<EvaluationRun> GetAsync(long runId, CancellationToken cancellationToken) =>
        await database.QueryAsync<EvaluationRun>(SqlQuery.GetRun, new { RunId = runId }, cancellationToken) is [var run, ..]
            ? run
            : throw new NotFoundException($"There is no run {runId}.");

    /// <returns>A page of a run's results with their cases, by ordinal; empty after the last.</returns>
    /// <param name="run">The run, live or archived.</param>
    /// <param name="verdict">Only these; null means any. For rare verdicts many cases are read.</param>
    /// <param name="afterOrdinal">The last ordinal of the previous page; 0 for the first page.</param>
    /// <param name="limit">Results at most.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public Task<IReadOnlyList<CaseResultRow>> ListResultsAsync(
        EvaluationRun run, CaseVerdict? verdict, int afterOrdinal, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<CaseResultRow>(
            SqlQuery.ListCaseResults,
            new
            {
                RunId = run.Id,
                run.SuiteId,
                Revision = run.SuiteRevision,
                Verdict = verdict is { } word ? StoredWord.Of(word) : null,
                AfterOrdinal = afterOrdinal,
                Limit = limit,
            },
            cancellationToken);

    /// <summary>Finds the time within which a share of a run's cases were answered: the nearest-rank percentile of their durations.</summary>
    /// <param name="runId">The run, live or archived.</param>
    /// <param name="resultCount">Its results, 0 or more.</param>
    /// <param name="share">Above 0, at most 1; 0.95 for p95.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>Milliseconds; null when the run has no result.</returns>
    public async Task<long?> FindDurationAsync(long runId, int resultCount, double share, CancellationToken cancellationToken) =>
        await database.QueryAsync<long>(
            SqlQuery.GetCaseDuration, new { RunId = runId, Offset = Math.Max(0, (int)Math.Ceiling(resultCount * share) - 1) }, cancellationToken)
            is [var duration, ..] ? duration : null;

    /// <summary>
    /// Cancels a run that has not ended; its version gets the evaluation status that follows from its evidence. A worker stops asking within two
    /// seconds.
    /// </summary>
    /// <exception cref="NotFoundException">No such run.</exception>
    /// <exception cref="ConflictException">The run has ended.</exception>
    public async Task CancelAsync(long runId, string actor, CancellationToken cancellationToken)
    {
        var cancelled = await database.WriteAsync(db => RunCreation.CancelAsync(db, runId, "asked for", actor), cancellationToken);
        if (cancelled is null)
            RunLifecycle.EnsureLive(await GetAsync(runId, cancellationToken));
    }

    /// <summary>Changes the priority of a pending run.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="priority">Higher goes first within the tenant; within <see cref="RunPriority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The priority is out of bounds.</exception>
    /// <exception cref="NotFoundException">No such run.</exception>
    /// <exception cref="ConflictException">The run is not PENDING any more.</exception>
    public async Task SetPriorityAsync(long runId, int priority, string actor, CancellationToken cancellationToken)
    {
        RunPriority.Validate(priority);
        var isSet = await database.WriteAsync(async db =>
        {
            if (await db.QuerySingleOrDefaultAsync<EvaluationRun>(SqlQuery.LockPendingRun, new { RunId = runId }) is not { } run)
                return false;
            await db.ExecuteExactlyAsync(SqlQuery.SetRunPriority, new { RunId = runId, Priority = priority }, 1);
            await db.RecordAsync(
                run.TenantId, ChangeType.RunPrioritySet, nameof(EvaluationRun), runId, actor, new { previous = run.Priority, Priority = priority });
            return true;
        }, cancellationToken);
        if (isSet)
            return;

        var run = await GetAsync(runId, cancellationToken);
        throw new ConflictException($"Run {runId} does not wait any more ({RunLifecycle.StateOf(run)}): only a PENDING run's priority can be changed.");
    }

    /// <summary>Acknowledges a run that failed permanently: it needs no more action.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="note">Why nothing needs to be done; null for none. It is stored in the audit record.</param>
    /// <param name="actor">Who acknowledges it.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run is not FAILED, is acknowledged already, or is in the archive.</exception>
    public async Task AcknowledgeAsync(long runId, string? note, string actor, CancellationToken cancellationToken)
    {
        var failed = await database.WriteAsync(async db =>
        {
            var run = await db.QuerySingleOrDefaultAsync<EvaluationRun>(SqlQuery.LockFailedRun, new { RunId = runId });
            if (run is { AcknowledgedAt: null })
            {
                await db.ExecuteExactlyAsync(SqlQuery.AcknowledgeRun, new { RunId = runId, Actor = actor }, 1);
                await db.RecordAsync(run.TenantId, ChangeType.RunAcknowledged, nameof(EvaluationRun), runId, actor, new { note });
            }

            return run;
        }, cancellationToken);
        if (failed is { AcknowledgedAt: null })
            return;

        throw failed is not null
            ? new ConflictException($"Run {runId} is acknowledged already, by {failed.AcknowledgedBy}.")
            : await GetAsync(runId, cancellationToken) is { Status: not RunStatus.Failed } run
                ? new ConflictException($"Run {runId} is {StoredWord.Of(run.Status)}; only a FAILED run is acknowledged.")
                : new ConflictException($"Run {runId} is in the archive and needs no action any more.");
    }

    /// <returns>The runs that repeat this one, live or archived, oldest first.</returns>
    public Task<IReadOnlyList<long>> ListRepeatingAsync(long runId, CancellationToken cancellationToken) =>
        database.QueryAsync<long>(SqlQuery.ListRepeatingRuns, new { RunId = runId }, cancellationToken);

    /// <returns>What a run's page shows in addition to the run.</returns>
    public async Task<RunContext> ReadContextAsync(EvaluationRun run, CancellationToken cancellationToken) =>
        (await database.QueryAsync<RunContext>(
            SqlQuery.GetRunContext, new { run.VersionId, run.SuiteId, BatchId = run.TenantBatchId }, cancellationToken)).Single();

    private static async Task<AgentVersion> LockVersionAsync(DbWork db, long versionId) =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { VersionId = versionId })
        ?? throw new NotFoundException($"There is no agent version {versionId}.");
}

/// <summary>What a run's page shows in addition to the run, read at once.</summary>
internal sealed record RunContext
{
    /// <summary>The database's clock.</summary>
    public required DateTimeOffset ReadAt { get; init; }

    /// <summary>The batch that claimed the run last; null when none has, or when that batch was deleted.</summary>
    public long? BatchId { get; init; }

    /// <summary>That batch's Hangfire job; null when there is none.</summary>
    public string? HangfireJobId { get; init; }

    /// <summary>The latest COMPLETED run of the suite by the version's parent that is not archived.</summary>
    public long? ParentRunId { get; init; }

    /// <summary>The latest one that is.</summary>
    public long? ArchivedParentRunId { get; init; }

    /// <summary>The run of the parent to compare the run with; null when there is none.</summary>
    public long? ComparedRunId => ParentRunId > ArchivedParentRunId ? ParentRunId : ArchivedParentRunId ?? ParentRunId;
}

/// <summary>One result with its case, for reading.</summary>
public sealed record CaseResultRow
{
    /// <summary>The case's position in its suite, from 1.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The case's stable name.</summary>
    public required string CaseKey { get; init; }

    /// <summary>The case's title.</summary>
    public required string Name { get; init; }

    /// <summary>What the agent was asked.</summary>
    public required string Input { get; init; }

    /// <summary>The right answer.</summary>
    public string? ExpectedOutput { get; init; }

    /// <summary>The case.</summary>
    public required long TestCaseId { get; init; }

    /// <inheritdoc cref="TestCaseResult.Verdict"/>
    public required CaseVerdict Verdict { get; init; }

    /// <inheritdoc cref="TestCaseResult.Score"/>
    public double? Score { get; init; }

    /// <inheritdoc cref="TestCaseResult.Output"/>
    public string? Output { get; init; }

    /// <inheritdoc cref="TestCaseResult.Error"/>
    public string? Error { get; init; }

    /// <inheritdoc cref="TestCaseResult.DurationMs"/>
    public required long DurationMs { get; init; }

    /// <inheritdoc cref="TestCaseResult.InputTokens"/>
    public long? InputTokens { get; init; }

    /// <inheritdoc cref="TestCaseResult.OutputTokens"/>
    public long? OutputTokens { get; init; }

    /// <inheritdoc cref="TestCaseResult.Cost"/>
    public double? Cost { get; init; }
}
