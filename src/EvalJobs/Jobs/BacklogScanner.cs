using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Finds the tenants with due work and queues a batch for each. docs/develop/decisions/0004-which-tenants-a-batch-queues.md.</summary>
/// <remarks>
/// The cost of a scan of all pending work grows with it, and batches of fast agents end many times a second. So batches that
/// continue scan all of it once a second; in between they find only the work that came due since.
/// </remarks>
internal sealed class BacklogScanner(DispatchRepository dispatches, TenantBatchScheduler scheduler, TimeProvider clock) : IDisposable
{
    /// <summary>How long a scan of all pending work is valid for batches that continue.</summary>
    private static readonly TimeSpan ScanValidity = TimeSpan.FromSeconds(1);

    /// <summary>Work may become visible this much later than its due time says: its transaction had not committed.</summary>
    private static readonly TimeSpan CommitLag = TimeSpan.FromSeconds(1);

    /// <summary>One of the continuing batches scans for all of them. A tick never waits: a scan that hangs must not delay it.</summary>
    private readonly SemaphoreSlim _scanLock = new(1);

    /// <summary>The last complete scan; null before the first.</summary>
    private volatile Scan? _lastScan;

    /// <summary>Queues a batch for every tenant with due work and no live batch, the one served longest ago first.</summary>
    /// <returns>How many tenants had due work, and how many batches were queued.</returns>
    /// <exception cref="Exception">The tenants could not be read. A failure for one tenant is logged, and the next tick tries it again.</exception>
    public async Task<(int Tenants, int Queued)> ScheduleDueAsync(long? dispatchId, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var due = await dispatches.ListTenantsDueAsync(cancellationToken);
        var queued = await scheduler.ScheduleAllAsync(due, dispatchId, cancellationToken);

        // Only now, after all of them are queued: a continuing batch must not come before the last one.
        _lastScan = new Scan(began, clock.GetTimestamp());
        return (due.Count, queued);
    }

    /// <summary>Queues batches for the tenants that come before a tenant's next batch.</summary>
    /// <param name="dispatchId">The tick they belong to, if any.</param>
    /// <param name="patience">How long to wait for another running scan; after that this caller scans, too.</param>
    /// <param name="cancellationToken">Ends the scan.</param>
    /// <exception cref="Exception">The tenants could not be read.</exception>
    public async Task ScheduleOthersAsync(long? dispatchId, TimeSpan patience, CancellationToken cancellationToken)
    {
        if (!await _scanLock.WaitAsync(patience, cancellationToken))
            return;

        try
        {
            if (_lastScan is null || clock.GetElapsedTime(_lastScan.Ended) >= ScanValidity)
            {
                await ScheduleDueAsync(dispatchId, cancellationToken);
                return;
            }
        }
        finally
        {
            _scanLock.Release();
        }

        var since = clock.GetElapsedTime(_lastScan.Began) + CommitLag;
        await scheduler.ScheduleAllAsync(await dispatches.ListTenantsLatelyDueAsync(since, cancellationToken), dispatchId, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _scanLock.Dispose();

    /// <summary>A scan of all pending work, in the clock's timestamps.</summary>
    /// <param name="Began">Before the work was read: what came due since may not have been seen.</param>
    /// <param name="Ended">When all of it was queued.</param>
    private sealed record Scan(long Began, long Ended);
}
