using EvalJobs.Data;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Corrects Hangfire's recurring jobs: after the clock was set back Hangfire would run none of them until the old time is reached again, it does not know which ones
/// are paused, and it may have lost one.
/// </summary>
internal sealed partial class ScheduleWatch(JobSchedule schedule, JobPauseRepository pauses, ScheduleChanges changes, TimeProvider clock, ILogger<ScheduleWatch> logger)
    : PeriodicService(PollInterval, "The schedule of the recurring jobs could not be checked", logger, clock)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(15);

    private int _seenChanges = -1;
    private long _checkedAt;

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        // At once after a change made in this process; one made in another is found at the next check.
        var seen = changes.Count;
        if (seen == _seenChanges && Clock.GetElapsedTime(_checkedAt) < CheckInterval)
            return;

        var paused = await pauses.ListPausedAsync(stoppingToken);
        foreach (var id in schedule.Pause(paused))
            LogPaused(Logger, id, paused.Contains(id) ? "paused" : "resumed");
        foreach (var id in schedule.RenewStale(paused))
            LogRenewed(Logger, id);
        foreach (var id in schedule.RegisterMissing(paused))
            LogMissing(Logger, id);
        (_seenChanges, _checkedAt) = (seen, Clock.GetTimestamp());
    }

    [LoggerMessage(1135, LogLevel.Information, "The recurring job {JobId} is {State}")]
    private static partial void LogPaused(ILogger logger, string jobId, string state);

    [LoggerMessage(1121, LogLevel.Warning, "The recurring job {JobId} was due too late for its schedule (the clock was set back); it is scheduled again")]
    private static partial void LogRenewed(ILogger logger, string jobId);

    [LoggerMessage(1137, LogLevel.Warning, "Hangfire did not have the recurring job {JobId} any more; it is registered again")]
    private static partial void LogMissing(ILogger logger, string jobId);
}
