using System.Runtime.CompilerServices;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>
/// The operations of workers on runs: claim, save, complete, fail, release. Every write about a claimed run is fenced by
/// <see cref="EvaluationRun.LeaseOwner"/> and <see cref="EvaluationRun.Attempt"/>: a worker that lost its lease changes nothing.
/// How a claim is kept is in <see cref="RunLeaseRepository"/>, what happens to it when its process ends is in <see cref="RunRescueRepository"/>.
/// </summary>
internal sealed class RunClaimRepository(EvaluationDatabase database)
{
    private const int PageSize = 200;

    /// <summary>Rows one statement deletes at most: SQL Server locks the whole table when one takes some 5,000 of it.</summary>
    private const int StatementRows = 1000;

    /// <summary>Claims up to <paramref name="limit"/> due runs of the batch's tenant. A batch never gets the same run twice.</summary>
    /// <returns>The claimed runs in that order, now RUNNING; empty when none wait, the tenant is paused or the batch is not live.</returns>
    /// <remarks>Atomic: two workers never receive the same run.</remarks>
    public async Task<IReadOnlyList<EvaluationRun>> ClaimPendingAsync(
        TenantBatch batch, int limit, ClaimOrder order, TimeSpan lease, CancellationToken cancellationToken)
    {
        var claimed = await database.WriteAsync(
            db => db.QueryAsync<EvaluationRun>(
                order == ClaimOrder.ByAge ? SqlQuery.ClaimOldestRuns : SqlQuery.ClaimPendingRuns,
                new { batch.TenantId, BatchId = batch.Id, Owner = batch.LeaseOwner, LeaseMs = Milliseconds.Of(lease), Limit = limit }),
            cancellationToken);

        // Neither dialect promises the order of the rows an update returns.
        return [.. claimed.OrderByDescending(run => order == ClaimOrder.ByPriority ? run.Priority : 0).ThenBy(run => run.DueAt).ThenBy(run => run.Id)];
    }

    /// <param name="runId">The run.</param>
    /// <param name="startAfter">The ordinal after which to begin; the cases up to it come last.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The run's cases without a result, by ordinal, read a page at a time.</returns>
    public async IAsyncEnumerable<TestCase> ReadUnansweredCasesAsync(
        long runId, int startAfter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var (after, upTo) in startAfter == 0 ? [(0, int.MaxValue)] : new[] { (startAfter, int.MaxValue), (0, startAfter) })
        {
            IReadOnlyList<TestCase> page = [];
            do
            {
                page = await database.QueryAsync<TestCase>(
                    SqlQuery.ListUnansweredCases,
                    new { RunId = runId, AfterOrdinal = page is [.., var last] ? last.Ordinal : after, UpToOrdinal = upTo, Limit = PageSize }, cancellationToken);
                foreach (var testCase in page)
                    yield return testCase;
            }
            while (page.Count == PageSize);
        }
    }

    /// <returns>A case of the run that the agent has answered; null when there is none.</returns>
    public Task<TestCase?> FindAnsweredCaseAsync(long runId, CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<TestCase>(SqlQuery.FindAnsweredCase, new { RunId = runId }, cancellationToken);

    /// <summary>Stores results as they arrive.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was stored.</exception>
    public Task SaveResultsAsync(EvaluationRun claim, IReadOnlyCollection<TestCaseResult> results, CancellationToken cancellationToken) =>
        FencedAsync(claim, SqlQuery.HoldRun, Fence(claim), db => db.ExecuteExactlyAsync(SqlQuery.AddCaseResult, results.Select(result => new
        {
            RunId = claim.Id,
            result.TestCaseId,
            Verdict = StoredWord.Of(result.Verdict),
            result.Score,
            result.Output,
            Error = StoredText.Clean(result.Error),
            result.DurationMs,
            result.InputTokens,
            result.OutputTokens,
            result.Cost,
            result.IsCut,
            result.AskAgain,
        }).ToList(), results.Count), cancellationToken);

    /// <returns>The run's results so far, counted.</returns>
    public async Task<RunTally> TallyAsync(long runId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<RunTally>(SqlQuery.TallyRun, new { RunId = runId }, cancellationToken)
        ?? throw new NotFoundException($"There is no run {runId}.");

    /// <summary>Completes a run in one transaction: the run, its look, its version's evaluation status, the audit record.</summary>
    /// <returns>The run's own outcome, by its own threshold.</returns>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was stored.</exception>
    /// <exception cref="InvalidOperationException">A case has no result.</exception>
    public Task<EvalStatus> CompleteAsync(EvaluationRun claim, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var (version, followers) = await LockVersionsAsync(db, claim);
            var tally = await TallyClaimAsync(db, claim);
            if (tally.ResultCount != tally.CaseCount)
                throw new InvalidOperationException($"Run {claim.Id} has {tally.ResultCount} results for {tally.CaseCount} cases and cannot complete.");

            var verdict = PassRule.Decide(tally.PassedCount, tally.CaseCount, claim.PassThreshold);
            await EndAsync(db, claim, SqlQuery.CompleteRun, RunFigures.With(Fence(claim), tally, tally.PassRate));
            await GateEvidence.AddMissingLooksAsync(db, claim.VersionId, claim.SuiteId, claim.SuiteRevision);
            await ReplaceContinuedAsync(db, claim);
            var evalStatus = (await GateEvidence.RefreshAfterRunAsync(db, version))?.EvalStatus ?? version.EvalStatus;
            await GateEvidence.RefreshFollowersAsync(db, followers);
            await db.AlertWhereWantedAsync(PromotionAlertRule.OfCompletedRun(version, claim.Id, tally, evalStatus));
            await db.RecordAsync(
                claim.TenantId, ChangeType.RunCompleted, nameof(EvaluationRun), claim.Id, Actor.System,
                new { claim.VersionId, claim.Attempt, owner = claim.LeaseOwner, verdict = StoredWord.Of(verdict), evalStatus = StoredWord.Of(evalStatus), tally.PassRate, claim.PassThreshold, tally.PassedCount, tally.CaseCount });
            return verdict;
        }, cancellationToken);

    /// <summary>Ends an attempt that failed: back to the queue with a growing wait, or FAILED when no attempt is left.</summary>
    /// <param name="claim">The claimed run.</param>
    /// <param name="error">The reason, for people.</param>
    /// <param name="maxAttempts">Failed attempts a run may have; with the last of them it is FAILED.</param>
    /// <param name="backoff">Wait after the first failed attempt; doubles with each further one, at most a day.</param>
    /// <param name="isPermanent">Another attempt cannot help: FAILED at once.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The state the run is in now: PENDING or FAILED.</returns>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was stored.</exception>
    public async Task<RunStatus> FailAttemptAsync(
        EvaluationRun claim, string error, int maxAttempts, TimeSpan backoff, bool isPermanent, CancellationToken cancellationToken)
    {
        if (isPermanent || claim.FailedAttempts + 1 >= maxAttempts)
        {
            await FailAsync(claim, error, cancellationToken);
            return RunStatus.Failed;
        }

        await RetryLaterAsync(claim, error, backoff, allErrored: true, cancellationToken);
        return RunStatus.Pending;
    }

    /// <summary>Ends an attempt that gave verdicts but not for every case: back to the queue with a growing wait, to ask again only those with a temporary cause. It counts as failed.</summary>
    /// <param name="claim">The claimed run. The caller makes sure that it has an attempt left.</param>
    /// <param name="error">The reason, for people.</param>
    /// <param name="backoff">As for <see cref="FailAttemptAsync"/>.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was stored.</exception>
    public Task AskAgainLaterAsync(EvaluationRun claim, string error, TimeSpan backoff, CancellationToken cancellationToken) =>
        RetryLaterAsync(claim, error, backoff, allErrored: false, cancellationToken);

    private Task RetryLaterAsync(EvaluationRun claim, string error, TimeSpan backoff, bool allErrored, CancellationToken cancellationToken)
    {
        // The error stays in the run: it may quote the reply, and the audit trail outlives the tenant.
        var delay = RunBackoff.After(backoff, claim.FailedAttempts + 1);
        return FencedAsync(
            claim, SqlQuery.RetryRunLater, new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner, DelayMs = Milliseconds.Of(delay), Error = StoredText.Clean(error) },
            async db =>
            {
                await DropResultsToAskAgainAsync(db, claim.Id, allErrored);
                await db.RecordAsync(
                    claim.TenantId, ChangeType.RunAttemptFailed, nameof(EvaluationRun), claim.Id, Actor.System,
                    new { claim.Attempt, owner = claim.LeaseOwner, retryInSeconds = delay.TotalSeconds });
            }, cancellationToken);
    }

    /// <summary>Releases an unfinished run at once, without counting the attempt. Finished cases stay.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was changed.</exception>
    public Task ReleaseAsync(EvaluationRun claim, CancellationToken cancellationToken) =>
        FencedAsync(claim, SqlQuery.ReleaseRun, Fence(claim), _ => Task.CompletedTask, cancellationToken);

    /// <summary>Releases an unfinished run to the end of the queue, without counting the attempt; it is due again after the runs that wait now.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was changed.</exception>
    public Task ReleaseToEndAsync(EvaluationRun claim, CancellationToken cancellationToken) =>
        FencedAsync(claim, SqlQuery.ReleaseRunToEnd, Fence(claim), _ => Task.CompletedTask, cancellationToken);

    /// <summary>Releases an unfinished run for later, without counting the attempt: the run was not the cause of the failure.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was changed.</exception>
    public Task PostponeAsync(EvaluationRun claim, string error, TimeSpan delay, CancellationToken cancellationToken) =>
        FencedAsync(
            claim, SqlQuery.PostponeRun,
            new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner, DelayMs = Milliseconds.Of(delay), Error = StoredText.Clean(error) },
            _ => Task.CompletedTask, cancellationToken);

    /// <summary>Releases a run because the process ran out of memory while it worked the run. It counts like the end of the process, and not as a failed attempt.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was changed.</exception>
    public Task PostponeShortOfMemoryAsync(EvaluationRun claim, string error, TimeSpan backoff, CancellationToken cancellationToken) =>
        FencedAsync(
            claim, SqlQuery.PostponeRunShortOfMemory,
            new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner, DelayMs = Milliseconds.Of(RunBackoff.After(backoff, claim.DeathCount + 1)), Error = StoredText.Clean(error) },
            _ => Task.CompletedTask, cancellationToken);

    /// <summary>Releases a run whose endpoint does not answer, without counting the attempt. Cases that got no answer are asked again.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was changed.</exception>
    public Task WaitForEndpointAsync(EvaluationRun claim, string error, TimeSpan delay, CancellationToken cancellationToken) =>
        FencedAsync(
            claim, SqlQuery.PostponeRun,
            new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner, DelayMs = Milliseconds.Of(delay), Error = StoredText.Clean(error) },
            db => DropResultsToAskAgainAsync(db, claim.Id, allErrored: false), cancellationToken);

    /// <summary>Records that the run is worked alone from now on. If its process then ends, the run is the cause.</summary>
    /// <exception cref="LeaseLostException">The caller no longer holds the run; nothing was changed.</exception>
    public Task MarkAloneAsync(EvaluationRun claim, CancellationToken cancellationToken) =>
        FencedAsync(claim, SqlQuery.MarkRunAlone, Fence(claim), _ => Task.CompletedTask, cancellationToken);

    /// <summary>The run that this one continues is no longer evidence: its verdicts count here, once.</summary>
    private static async Task ReplaceContinuedAsync(DbWork db, EvaluationRun claim)
    {
        if (claim.ContinuesRunId is not { } continued)
            return;
        var reason = $"Replaced by run {claim.Id}, which kept its verdicts and asked its cases without one again.";
        if (await db.ExecuteAsync(SqlQuery.VoidLook, new { RunId = continued, Actor = Actor.System, Reason = reason }) == 1)
            await db.RecordAsync(claim.TenantId, ChangeType.RunVoided, nameof(EvaluationRun), continued, Actor.System, new { claim.VersionId, reason, replacedBy = claim.Id });
    }

    /// <summary>Deletes the results to ask again statement by statement, but in the one transaction that ends the attempt.</summary>
    /// <remarks>
    /// Not in separate transactions: if the worker ended between two of them, the run's next attempt would ask only the cases
    /// whose errors were deleted, then count the others against the version. So a crash keeps all of them, and a new attempt
    /// that finds only errors fails and deletes them again.
    /// </remarks>
    private static async Task DropResultsToAskAgainAsync(DbWork db, long runId, bool allErrored)
    {
        int dropped;
        do
            dropped = await db.ExecuteAsync(SqlQuery.DropResultsToAskAgain, new { RunId = runId, AllErrored = allErrored, Limit = StatementRows });
        while (dropped == StatementRows);
    }

    private Task FailAsync(EvaluationRun claim, string error, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            var version = await LockVersionAsync(db, claim);
            var tally = await TallyClaimAsync(db, claim);
            var parameters = RunFigures.With(Fence(claim), tally, tally.PassRate);
            parameters.Add("Error", StoredText.Clean(error));
            await EndAsync(db, claim, SqlQuery.FailRun, parameters);
            await GateEvidence.RefreshAfterRunAsync(db, version);
            await db.RecordAsync(
                claim.TenantId, ChangeType.RunFailed, nameof(EvaluationRun), claim.Id, Actor.System, new { claim.VersionId, claim.Attempt, owner = claim.LeaseOwner });
            await db.AlertOrJoinAsync(FailureAlertRule.OfRun(claim));
        }, cancellationToken);

    /// <exception cref="LeaseLostException">The run was deleted with its tenant.</exception>
    private static async Task<RunTally> TallyClaimAsync(DbWork db, EvaluationRun claim) =>
        await db.QuerySingleOrDefaultAsync<RunTally>(SqlQuery.TallyRun, new { RunId = claim.Id }) ?? throw new LeaseLostException(claim.Id, claim.Attempt);

    private static async Task EndAsync(DbWork db, EvaluationRun claim, SqlQuery end, object parameters)
    {
        if (!await db.ExecuteOneAsync(end, parameters))
            throw new LeaseLostException(claim.Id, claim.Attempt);
    }

    /// <summary>The version is locked before the run, so that two runs of it that end at once wait for each other.</summary>
    /// <returns>The version and those that are compared with it on this suite revision.</returns>
    /// <exception cref="LeaseLostException">The version was deleted with its tenant.</exception>
    private static async Task<(AgentVersion Version, IReadOnlyList<long> Followers)> LockVersionsAsync(DbWork db, EvaluationRun claim)
    {
        var (version, followers) = await VersionLocks.LockWithFollowersAsync(db, claim.VersionId, claim.SuiteId, claim.SuiteRevision);
        return (version ?? throw new LeaseLostException(claim.Id, claim.Attempt), followers);
    }

    /// <inheritdoc cref="LockVersionsAsync" path="/exception"/>
    private static async Task<AgentVersion> LockVersionAsync(DbWork db, EvaluationRun claim) =>
        await db.QuerySingleOrDefaultAsync<AgentVersion>(SqlQuery.LockVersion, new { claim.VersionId }) ?? throw new LeaseLostException(claim.Id, claim.Attempt);

    /// <summary>The fence: the first statement of the transaction checks that the caller still holds the run, and locks it; otherwise nothing is changed.</summary>
    private Task FencedAsync(EvaluationRun claim, SqlQuery fence, object parameters, Func<DbWork, Task> work, CancellationToken cancellationToken) =>
        database.WriteAsync(async db =>
        {
            if (!await db.ExecuteOneAsync(fence, parameters))
                throw new LeaseLostException(claim.Id, claim.Attempt);
            await work(db);
        }, cancellationToken);

    private static object Fence(EvaluationRun claim) => new { RunId = claim.Id, claim.Attempt, Owner = claim.LeaseOwner };
}

/// <summary>Which of a tenant's due runs is claimed first.</summary>
internal enum ClaimOrder
{
    /// <summary>By priority, the highest first; then by due time and id.</summary>
    ByPriority,

    /// <summary>By due time and id, whatever the priority.</summary>
    ByAge,
}
