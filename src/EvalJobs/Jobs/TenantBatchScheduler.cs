using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Gives a tenant its next batch: reserves it in our tables, then queues the job that carries it.</summary>
public sealed class TenantBatchScheduler(
    DispatchRepository dispatches, ITenantBatchQueue queue, ProcessIdentity process, ExecutionOptions options, ILogger<TenantBatchScheduler> logger)
{
    /// <summary>Queues a batch unless the tenant has a live one.</summary>
    /// <returns>Whether a batch was queued.</returns>
    /// <remarks>A crash between the two steps leaves a reservation whose lease lapses; the next tick then serves the tenant.</remarks>
    public async Task<bool> ScheduleAsync(Tenant tenant, long? dispatchId, CancellationToken cancellationToken)
    {
        var batchId = await dispatches.ReserveBatchAsync(dispatchId, tenant.Id, process.Name, options.Lease, cancellationToken);
        if (batchId is null)
            return false;

        try
        {
            var jobId = queue.Enqueue(batchId.Value, tenant.WorkerPool);
            await dispatches.SetJobAsync(batchId.Value, jobId, CancellationToken.None);
            return true;
        }
        catch (Exception error)
        {
            logger.LogError(error, "Batch {BatchId} of tenant {Tenant} could not be queued", batchId, tenant.Slug);
            await dispatches.AbandonQueuedBatchAsync(batchId.Value, $"Could not be queued: {error.Message}", CancellationToken.None);
            throw;
        }
    }

    /// <summary>Frees tenants whose batch nobody carries any more: its process vanished, or its Hangfire job did.</summary>
    /// <returns>How many batches were abandoned.</returns>
    public async Task<int> AbandonOrphansAsync(CancellationToken cancellationToken)
    {
        var abandoned = await dispatches.AbandonExpiredBatchesAsync(cancellationToken);
        foreach (var batch in await dispatches.ListStaleQueuedBatchesAsync(process.Name, options.Lease, cancellationToken))
        {
            if (!queue.Holds(batch)
                && await dispatches.AbandonQueuedBatchAsync(batch.Id, "Its Hangfire job vanished before a worker took it up.", cancellationToken))
                abandoned++;
        }

        return abandoned;
    }
}
