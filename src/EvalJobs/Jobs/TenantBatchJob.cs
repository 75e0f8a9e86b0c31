using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The child job: one tenant's turn. Claims at most BatchLimit runs and works them.</summary>
/// <remarks>Retrying is ours, not Hangfire's: a run that fails waits in our tables. A second delivery of a batch finds it taken.</remarks>
[AutomaticRetry(Attempts = 0)]
public sealed class TenantBatchJob(
    DispatchRepository dispatches, TenantRepository tenants, RunClaimRepository claims, EvaluationRunWorker worker,
    TenantBatchScheduler scheduler, LeaseKeeper leases, ProcessIdentity process,
    DispatchOptions dispatchOptions, ExecutionOptions executionOptions, ILogger<TenantBatchJob> logger)
{
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

        var tenant = await tenants.GetAsync(batch.TenantId, cancellationToken);
        using var scope = logger.BeginScope("Tenant {Tenant}, batch {BatchId}", tenant.Slug, batchId);
        using var hold = leases.HoldBatch(batchId);

        var tally = new BatchTally();
        try
        {
            await ClaimAndWorkAsync(batch, tenant, tally, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception error)
        {
            await FinishAsync(batch, error is OperationCanceledException ? BatchStatus.Abandoned : BatchStatus.Failed, tally, error);
            throw;
        }

        await FinishAsync(batch, BatchStatus.Completed, tally, null);
        if (dispatchOptions.ContinueWhileBacklog && await dispatches.HasDueRunsAsync(tenant.Id, cancellationToken))
            await scheduler.ScheduleAsync(tenant, batch.DispatchId, cancellationToken);

        return new TenantBatchSummary(batchId, tenant.Slug, tenant.Name, tally.Counts);
    }

    private async Task ClaimAndWorkAsync(TenantBatch batch, Tenant tenant, BatchTally tally, CancellationToken stopping)
    {
        var limit = tenant.BatchLimit ?? dispatchOptions.BatchLimit;
        var claimed = await claims.ClaimPendingAsync(batch, limit, executionOptions.Lease, stopping);
        tally.Claimed(claimed.Count);

        // All are held from now on, also those that wait their turn in this batch.
        var holds = claimed.Select(leases.Hold).ToList();
        try
        {
            // The token is not given to the loop: every claimed run gets its turn, be it only to be given back.
            var parallel = new ParallelOptions { MaxDegreeOfParallelism = dispatchOptions.MaxParallelRuns };
            await Parallel.ForEachAsync(holds, parallel, async (hold, _) => tally.Ended(await WorkUnlessPausedAsync(hold, tenant, stopping)));
        }
        finally
        {
            holds.ForEach(each => each.Dispose());
        }
    }

    private async Task<AttemptOutcome> WorkUnlessPausedAsync(RunHold hold, Tenant tenant, CancellationToken stopping)
    {
        using var giveBack = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        if (!stopping.IsCancellationRequested && (await tenants.GetAsync(tenant.Id, stopping)).IsPaused)
            await giveBack.CancelAsync();
        return await worker.WorkAsync(hold, tenant, giveBack.Token);
    }

    private async Task FinishAsync(TenantBatch batch, BatchStatus status, BatchTally tally, Exception? error)
    {
        var message = error switch
        {
            null => null,
            OperationCanceledException => "Stopped before its end; unfinished runs were given back.",
            _ => $"{error.GetType().Name}: {error.Message}",
        };
        if (error is not null)
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

        public void Claimed(int count) => Counts = Counts with { Claimed = count };

        public void Ended(AttemptOutcome outcome)
        {
            lock (_gate)
            {
                Counts = outcome switch
                {
                    AttemptOutcome.Completed => Counts with { Completed = Counts.Completed + 1 },
                    AttemptOutcome.Failed => Counts with { Failed = Counts.Failed + 1 },
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
