using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Gives a tenant its next batch: reserves it in our tables, then queues its job.</summary>
internal sealed partial class TenantBatchScheduler(
    DispatchRepository dispatches, ITenantBatchQueue queue, ProcessIdentity process, ExecutionOptions options, ILogger<TenantBatchScheduler> logger)
{
    /// <summary>Queues a batch unless the tenant has a live one, or this process cannot reach its worker pool.</summary>
    /// <returns>Whether a batch was queued.</returns>
    /// <remarks>A crash between the two steps leaves a reservation whose lease expires; the next tick then serves the tenant.</remarks>
    public async Task<bool> ScheduleAsync(Tenant tenant, long? dispatchId, CancellationToken cancellationToken)
    {
        // A job in a queue without workers would block the tenant for the servers of its pool, which have their own ticks.
        if (!queue.Reaches(tenant.WorkerPool))
            return false;

        var batchId = await dispatches.ReserveBatchAsync(dispatchId, tenant, process.Name, options.Lease, cancellationToken);
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
            LogNotQueued(error, batchId.Value, tenant.Slug);
            await dispatches.AbandonQueuedBatchAsync(batchId.Value, $"Could not be queued: {error.Message}", CancellationToken.None);
            throw;
        }
    }

    /// <returns>Whether this process can have the tenant's work done.</returns>
    public bool Reaches(Tenant tenant) => queue.Reaches(tenant.WorkerPool);

    /// <inheritdoc cref="ScheduleAsync"/>
    /// <summary>As <see cref="ScheduleAsync"/>; a failure is logged and left to the next tick.</summary>
    /// <returns>Whether a batch was queued; null when that failed.</returns>
    public async Task<bool?> TryScheduleAsync(Tenant tenant, long? dispatchId, CancellationToken cancellationToken)
    {
        try
        {
            return await ScheduleAsync(tenant, dispatchId, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            LogTenantNotQueued(error, tenant.Slug);
            return null;
        }
    }

    /// <summary>Queues a batch for each tenant, in order. A failure for one tenant is logged and does not stop the others.</summary>
    /// <returns>How many batches were queued.</returns>
    public async Task<int> ScheduleAllAsync(IReadOnlyList<Tenant> tenants, long? dispatchId, CancellationToken cancellationToken)
    {
        var queued = 0;
        foreach (var tenant in tenants)
        {
            if (await TryScheduleAsync(tenant, dispatchId, cancellationToken) == true)
                queued++;
        }

        return queued;
    }

    [LoggerMessage(1111, LogLevel.Error, "Batch {BatchId} of tenant {Tenant} could not be queued")]
    private partial void LogNotQueued(Exception error, long batchId, string tenant);

    [LoggerMessage(1112, LogLevel.Error, "Tenant {Tenant} was not queued; the next tick tries again")]
    private partial void LogTenantNotQueued(Exception error, string tenant);
}
