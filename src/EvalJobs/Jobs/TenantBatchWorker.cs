using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;

namespace EvalJobs.Jobs;

/// <summary>Works the runs of one batch: claims one when its turn comes, until the limit is reached or nothing is due.</summary>
internal sealed class TenantBatchWorker(
    RunClaimRepository claims, EvaluationRunWorker worker, LeaseRegistry leases, DispatchRepository dispatches, EndpointOutageRepository outages, DispatchOptions dispatchOptions, ExecutionOptions executionOptions, TimeProvider clock)
{
    /// <summary>One claim in so many goes to the run that has waited longest: no priority can keep the others waiting indefinitely.</summary>
    private const int ClaimsPerOldest = 5;

    /// <summary>Works the batch, at most <see cref="DispatchOptions.MaxParallelRuns"/> runs at the same time.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="tenant">Its tenant.</param>
    /// <param name="tally">Counts the runs as they end.</param>
    /// <param name="stopping">Ends the batch: unfinished runs are released.</param>
    public async Task WorkAsync(TenantBatch batch, Tenant tenant, BatchTally tally, CancellationToken stopping)
    {
        var left = tenant.BatchLimit ?? dispatchOptions.BatchLimit;
        using var ended = new CancellationTokenSource();
        using var turn = new BatchTurn(batch, dispatches, outages, dispatchOptions.TimeSlice, clock);
        var watching = turn.WatchAsync(ended.Token);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Math.Min(dispatchOptions.MaxParallelRuns, left)).Select(_ => WorkLaneAsync()));
        }
        finally
        {
            await ended.CancelAsync();
            await watching;
        }

        async Task WorkLaneAsync()
        {
            while (!stopping.IsCancellationRequested && Interlocked.Decrement(ref left) >= 0)
            {
                using var run = await ClaimNextAsync(batch, stopping);
                if (run is null)
                    return;

                tally.AddClaimed();
                tally.AddEnded(await worker.WorkAsync(run, tenant, turn, stopping));
                if (await turn.IsOverAsync(stopping))
                    Interlocked.Exchange(ref left, 0);
            }
        }
    }

    /// <summary>
    /// Claims one run when its turn comes, not the batch's share at the start: a crash does not touch runs that had not started,
    /// and a pause, a cancellation or a new priority is in force at once.
    /// </summary>
    private async Task<RunHold?> ClaimNextAsync(TenantBatch batch, CancellationToken stopping)
    {
        var askedAt = clock.GetTimestamp();
        var order = Random.Shared.Next(ClaimsPerOldest) == 0 ? ClaimOrder.ByAge : ClaimOrder.ByPriority;
        var claimed = await claims.ClaimPendingAsync(batch, 1, order, executionOptions.Lease, stopping);
        return claimed is [var run] ? leases.Hold(run, askedAt) : null;
    }
}
