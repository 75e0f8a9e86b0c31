using EvalJobs.Data;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Keeps the leases of the runs and batches this process works: renews all of them in one statement every third of a lease, checks every
/// second whether any was lost, and marks those as lost.
/// </summary>
internal sealed class LeaseKeeper(
    RunLeaseRepository runLeases, DispatchRepository dispatches, LeaseRegistry leases, ProcessIdentity process, ExecutionOptions options,
    TimeProvider clock, ILogger<LeaseKeeper> logger)
    : PeriodicService(CheckInterval(options), "The leases of this server's runs and batches could not be renewed", logger, clock)
{
    private long _lastRenewal;

    /// <summary>How long ago the leases were last renewed; null before the first time.</summary>
    public TimeSpan? SinceRenewal => Volatile.Read(ref _lastRenewal) is not 0 and var last ? Clock.GetElapsedTime(last) : null;

    private TimeSpan RenewalInterval => options.Lease / 3;

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(base.ExecuteAsync(stoppingToken), WatchExpiryAsync(stoppingToken));

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        // Taken before the query: a run registered later must not be judged by its result.
        var runs = leases.Runs;
        if (SinceRenewal is not { } age || age >= RenewalInterval)
            await RenewAsync(runs, stoppingToken);
        else if (runs.Count > 0)
            leases.MarkLostExcept(runs, await runLeases.ListHeldAsync(process.Name, Ids(runs), stoppingToken), renewedAt: null);
    }

    private async Task RenewAsync(IReadOnlyList<RunHold> runs, CancellationToken cancellationToken)
    {
        var startedAt = Clock.GetTimestamp();
        if (runs.Count > 0)
            leases.MarkLostExcept(runs, await runLeases.RenewAsync(process.Name, Ids(runs), options.Lease, cancellationToken), startedAt);
        await dispatches.RenewBatchesAsync(process.Name, leases.BatchIds, options.Lease, cancellationToken);
        await leases.ReturnExpiredAsync(claim => runLeases.ReturnExpiredAsync(claim, cancellationToken));
        Volatile.Write(ref _lastRenewal, startedAt);
    }

    /// <summary>A separate loop: during an outage of the database, workers must still stop runs whose leases have expired.</summary>
    private async Task WatchExpiryAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckInterval(options), Clock);
        do
            leases.MarkExpiredLost();
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>A cancelled run stops asking within two of these.</summary>
    /// <remarks>Half of the renewal's interval at most: a check just before a renewal is due must not delay it by a whole interval.</remarks>
    private static TimeSpan CheckInterval(ExecutionOptions options)
    {
        var second = TimeSpan.FromSeconds(1);
        return second < options.Lease / 6 ? second : options.Lease / 6;
    }

    private static List<long> Ids(IReadOnlyList<RunHold> runs) => [.. runs.Select(run => run.Claim.Id)];
}
