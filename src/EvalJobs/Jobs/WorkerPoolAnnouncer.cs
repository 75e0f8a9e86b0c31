using EvalJobs.Data;
using EvalJobs.Execution;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Announces in the database which worker pools this process works, so that a pool without workers is seen; withdraws them at the end.</summary>
internal sealed partial class WorkerPoolAnnouncer(
    WorkerPoolRepository workerPools, WorkerPools pools, ProcessIdentity process, ExecutionOptions options, TimeProvider clock, ILogger<WorkerPoolAnnouncer> logger)
    : PeriodicService(options.Lease / 3, "This server's worker pools could not be announced", logger, clock)
{
    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (pools.Pools.Count == 0)
            return;

        try
        {
            await workerPools.WithdrawAsync(process.Name, cancellationToken);
        }
        catch (Exception error)
        {
            LogNotWithdrawn(Logger, error);
        }
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        if (pools.Pools.Count > 0)
            await workerPools.AnnounceAsync(process.Name, pools.Pools, options.Lease, stoppingToken);
    }

    [LoggerMessage(1310, LogLevel.Warning, "This server's worker pools could not be withdrawn; their announcement expires by itself")]
    private static partial void LogNotWithdrawn(ILogger logger, Exception error);
}
