using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Jobs.Telemetry;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The child job: one tenant's turn. Works at most BatchLimit runs.</summary>
/// <remarks>Retrying is ours, not Hangfire's: a run that fails waits in our tables. A second delivery of a batch finds it taken.</remarks>
[AutomaticRetry(Attempts = 0)]
[ContinueTrace]
public sealed class TenantBatchJob(
    DispatchRepository dispatches, TenantRepository tenants, RunClaimRepository claims, EvaluationRunWorker worker,
    TenantBatchScheduler scheduler, LeaseKeeper leases, ProcessIdentity process,
    DispatchOptions dispatchOptions, ExecutionOptions executionOptions, TimeProvider clock, ILogger<TenantBatchJob> logger)
{
    /// <summary>One claim in so many goes to the run that has waited longest: no priority can keep the others waiting for ever.</summary>
    private const int ClaimsPerOldest = 5;

    /// <summary>Works the batch.</summary>
    /// <param name="batchId">A plain number: Hangfire stores job arguments as JSON.</param>
    /// <param name="cancellationToken">Cancelled by Hangfire at shutdown or when an operator deletes the job.</param>
    /// <returns>What was done; the dashboard shows it as the job's result.</returns>
    /// <exception cref="OperationCanceledException">The server is stopping; unfinished runs were given back.</exception>
    [JobDisplayName("Tenant batch {0}")]
    public async Task<TenantBatchSummary> RunAsync(long batchId, CancellationToken cancellationToken)
    {
        var batch = await dispatches.BeginBatchAsync(batchId, process.Name, executionOptions.Lease, cancellationToken);
        if (batch is null)
            return TenantBatchSummary.NothingToDo(batchId);

        using var hold = leases.HoldBatch(batchId);
        var tally = new BatchTally();
        Tenant tenant;
        try
        {
            tenant = await tenants.GetAsync(batch.TenantId, cancellationToken);
        }
        catch (Exception error)
        {
            await EndEarlyAsync(batch, tally, error);
            throw;
        }

        // Open until the batch's last line is written.
        using var scope = logger.BeginScope("Tenant {Tenant}, batch {BatchId}", tenant.Slug, batchId);
        Activity.Current?.SetTag(EvaluationTrace.Tenant, tenant.Slug).SetTag("evaljobs.batch.id", batchId);
        try
        {
            await WorkInTurnsAsync(batch, tenant, tally, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception error)
        {
            await EndEarlyAsync(batch, tally, error);
            throw;
        }

        await FinishAsync(batch, BatchStatus.Completed, tally, null);
        await ContinueAsync(batch, cancellationToken);
        return new TenantBatchSummary(batchId, tenant.Slug, tenant.Name, tally.Counts);
    }

    /// <summary>As many lanes as runs may be worked at once, until the limit is reached or nothing is due.</summary>
    private async Task WorkInTurnsAsync(TenantBatch batch, Tenant tenant, BatchTally tally, CancellationToken stopping)
    {
        var left = tenant.BatchLimit ?? dispatchOptions.BatchLimit;
        await Task.WhenAll(Enumerable.Range(0, Math.Min(dispatchOptions.MaxParallelRuns, left)).Select(_ => WorkLaneAsync()));

        async Task WorkLaneAsync()
        {
            while (!stopping.IsCancellationRequested && Interlocked.Decrement(ref left) >= 0)
            {
                using var run = await ClaimNextAsync(batch, stopping);
                if (run is null)
                    return;

                tally.Claimed();
                tally.Ended(await worker.WorkAsync(run, tenant, stopping));
            }
        }
    }

    /// <summary>
    /// Claims one run when its turn comes, not the batch's share up front: a crash costs no attempt of a run that had not started,
    /// and a pause, a cancellation or a new priority is in force at once.
    /// </summary>
    private async Task<RunHold?> ClaimNextAsync(TenantBatch batch, CancellationToken stopping)
    {
        var askedAt = clock.GetTimestamp();
        var order = Random.Shared.Next(ClaimsPerOldest) == 0 ? ClaimOrder.ByAge : ClaimOrder.ByPriority;
        var claimed = await claims.ClaimPendingAsync(batch, 1, order, executionOptions.Lease, stopping);
        return claimed is [var run] ? leases.Hold(run, askedAt) : null;
    }

    /// <summary>
    /// Puts the tenant's next batch at the queue's tail, behind everyone who waits. Those whose work came due since the last tick are
    /// not queued yet and go first: no tenant gets a second batch while another waits for its first.
    /// </summary>
    private async Task ContinueAsync(TenantBatch batch, CancellationToken cancellationToken)
    {
        if (dispatchOptions.ContinueWhileBacklog && await dispatches.HasDueRunsAsync(batch.TenantId, cancellationToken))
            await scheduler.ContinueAsync(batch.TenantId, batch.DispatchId, cancellationToken);
    }

    private Task EndEarlyAsync(TenantBatch batch, BatchTally tally, Exception error) =>
        FinishAsync(batch, error is OperationCanceledException ? BatchStatus.Abandoned : BatchStatus.Failed, tally, error);

    private async Task FinishAsync(TenantBatch batch, BatchStatus status, BatchTally tally, Exception? error)
    {
        var message = error switch
        {
            null => null,
            OperationCanceledException => "Stopped before its end; unfinished runs were given back.",
            _ => $"{error.GetType().Name}: {error.Message}",
        };
        if (error is OperationCanceledException)
            logger.LogInformation("The batch was stopped");
        else if (error is not null)
            logger.LogWarning(error, "The batch ended early");

        try
        {
            if (!await dispatches.FinishBatchAsync(batch, status, tally.Counts, message, CancellationToken.None))
                logger.LogWarning("The batch's own lease had lapsed; its runs are safe behind their fences");
        }
        catch (Exception fault) when (error is not null)
        {
            // The first trouble is the one to report; the batch's lease lapses by itself.
            logger.LogError(fault, "The end of the batch could not be stored");
        }

        logger.LogInformation(
            "Batch {Status}: {Claimed} claimed, {Completed} completed, {Failed} failed, {Released} given back",
            StoredWord.Of(status), tally.Counts.Claimed, tally.Counts.Completed, tally.Counts.Failed, tally.Counts.Released);
    }

    /// <summary>Counts outcomes, some of which end at the same time.</summary>
    private sealed class BatchTally
    {
        private readonly Lock _gate = new();

        public BatchCounts Counts { get; private set; }

        public void Claimed()
        {
            lock (_gate)
                Counts = Counts with { Claimed = Counts.Claimed + 1 };
        }

        public void Ended(AttemptOutcome outcome)
        {
            lock (_gate)
            {
                Counts = outcome switch
                {
                    AttemptOutcome.Completed => Counts with { Completed = Counts.Completed + 1 },
                    AttemptOutcome.Failed or AttemptOutcome.FailedForGood => Counts with { Failed = Counts.Failed + 1 },
                    _ => Counts with { Released = Counts.Released + 1 },
                };
            }
        }
    }
}

/// <summary>What a tenant batch did.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="TenantSlug">The tenant's short name; null when there was nothing to do.</param>
/// <param name="TenantName">The tenant's name.</param>
/// <param name="Counts">Runs by outcome.</param>
public sealed record TenantBatchSummary(long BatchId, string? TenantSlug, string? TenantName, BatchCounts Counts)
{
    /// <summary>The batch was taken up by another delivery or abandoned.</summary>
    public static TenantBatchSummary NothingToDo(long batchId) => new(batchId, null, null, default);
}
