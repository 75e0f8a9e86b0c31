using EvalJobs.Data;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Frees the tenants of batches that this process queued and that no worker will start: the Hangfire job was lost or deleted, or
/// the tenant has moved to another pool. The next tick serves them.
/// </summary>
/// <remarks>Each process frees its own batches, because only it renews their leases. Separate from the renewals, because Hangfire's storage may be slow.</remarks>
internal sealed partial class OrphanedBatchService(
    DispatchRepository dispatches, ITenantBatchQueue queue, ProcessIdentity process, ExecutionOptions options, TimeProvider clock, ILogger<OrphanedBatchService> logger)
    : PeriodicService(options.Lease / 3, "Queued batches could not be compared with Hangfire's jobs", logger, clock)
{
    /// <summary>Queued batches checked in one turn: each needs a query to Hangfire's storage. The next check continues after them.</summary>
    private const int MaxChecked = 200;

    private long _checkedUpTo;

    /// <summary>Checks the next queued batches. One call at a time.</summary>
    public async Task AbandonOrphansAsync(CancellationToken cancellationToken)
    {
        var batches = await dispatches.ListStaleQueuedBatchesAsync(process.Name, options.Lease, _checkedUpTo, MaxChecked, cancellationToken);

        // In a circle: many batches that wait in a pool without a server must not hide one whose job is lost.
        _checkedUpTo = batches.Count < MaxChecked ? 0 : batches[^1].Id;
        foreach (var batch in batches)
        {
            var reason = batch.WorkerPool != batch.TenantPool ? "Its tenant moved to another worker pool before a worker took it up."
                : !queue.Holds(batch) ? "Its Hangfire job was gone before a worker took it up."
                : null;
            if (reason is not null && await dispatches.AbandonQueuedBatchAsync(batch.Id, reason, cancellationToken))
                LogAbandoned(Logger, batch.Id, reason);
        }
    }

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => AbandonOrphansAsync(stoppingToken);

    [LoggerMessage(1110, LogLevel.Warning, "Batch {BatchId} was abandoned: {Reason}")]
    private static partial void LogAbandoned(ILogger logger, long batchId, string reason);
}
