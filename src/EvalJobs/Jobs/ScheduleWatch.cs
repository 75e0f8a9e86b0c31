using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Notices when the clock was set back: Hangfire would run no recurring job until the old time is reached again. Puts their schedule right.</summary>
internal sealed partial class ScheduleWatch(JobSchedule schedule, TimeProvider clock, ILogger<ScheduleWatch> logger)
    : PeriodicService(CheckInterval, "The schedule of the recurring jobs could not be checked", logger, clock)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken)
    {
        foreach (var id in schedule.RenewStale())
            LogRenewed(Logger, id);
        return Task.CompletedTask;
    }

    [LoggerMessage(1121, LogLevel.Warning, "The recurring job {JobId} was due too late for its schedule (the clock was set back); it is scheduled anew")]
    private static partial void LogRenewed(ILogger logger, string jobId);
}
