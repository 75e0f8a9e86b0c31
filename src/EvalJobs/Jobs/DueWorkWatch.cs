using EvalJobs.Data;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Notices within two seconds when work comes due, whatever created it: a command, another server, an administrator's script, a wait that is over. The tick finds anything that this misses.</summary>
/// <remarks>
/// One scan a second, of the index of pending runs by due time: its cost depends on the work that came due recently, not on the number of tenants or the history. Several servers
/// scan at different moments; a server whose tenants another server has queued leaves the rest to it.
/// </remarks>
internal sealed class DueWorkWatch(
    DispatchRepository dispatches, BacklogScanner backlog, TenantBatchScheduler scheduler, JobPauses pauses, DispatchOptions options, TimeProvider clock, ILogger<DueWorkWatch> logger)
    : PeriodicService(ScanInterval, "Work that has come due could not be read", logger, clock)
{
    private static readonly TimeSpan ScanInterval = TimeSpan.FromSeconds(1);

    /// <summary>Work may become visible this much later than its due time says: its transaction had not committed.</summary>
    private static readonly TimeSpan CommitLag = TimeSpan.FromSeconds(10);

    /// <summary>Tenants queued by another server before this one leaves the rest to it.</summary>
    private const int MaxLost = 3;

    /// <summary>The clock's timestamp at which the last complete scan began; null before the first.</summary>
    private long? _scannedAt;

    /// <summary>Scans once. One call at a time.</summary>
    /// <returns>How many batches were queued.</returns>
    public async Task<int> ScanAsync(CancellationToken cancellationToken)
    {
        var began = Clock.GetTimestamp();
        if (_scannedAt is not { } scanned)
        {
            // All work that came due while no server was running.
            var (_, first) = await backlog.ScheduleDueAsync(null, cancellationToken);
            _scannedAt = began;
            return first;
        }

        var due = await dispatches.ListTenantsNewlyDueAsync(Clock.GetElapsedTime(scanned) + CommitLag, cancellationToken);
        var (queued, lost) = (0, 0);
        foreach (var tenant in due.Where(scheduler.Reaches))
        {
            if (await scheduler.TryScheduleAsync(tenant, null, cancellationToken) is not { } isQueued)
                continue;
            queued += isQueued ? 1 : 0;
            lost += isQueued ? 0 : 1;
            if (lost == MaxLost)
                return queued;
        }

        _scannedAt = began;
        return queued;
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        if (options.PickUpOnCreate && !await pauses.IsTickPausedAsync(stoppingToken))
            await ScanAsync(stoppingToken);
    }

    /// <summary>At a random moment within the interval, so that servers that started together do not scan together.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(ScanInterval * Random.Shared.NextDouble(), Clock, stoppingToken);
        await base.ExecuteAsync(stoppingToken);
    }
}
