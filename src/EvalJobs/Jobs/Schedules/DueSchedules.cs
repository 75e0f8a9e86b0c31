using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Processes the due moments of schedules. Each creates one run at most, even if several processes call this several times.</summary>
internal sealed partial class DueSchedules(RunScheduleRepository schedules, RunPickup pickup, ILogger<DueSchedules> logger)
{
    /// <summary>Processes a schedule's latest due moment, if one has passed. If several have passed, only the latest counts.</summary>
    /// <param name="schedule">The schedule as it was read.</param>
    /// <param name="now">The database's clock.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>Its outcome; null when nothing was due, or another process has processed it.</returns>
    /// <exception cref="InvalidInputException">This machine does not know the schedule's time zone.</exception>
    public async Task<ScheduleFiring?> FireAsync(RunSchedule schedule, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (schedule.IsPaused || ScheduleTimes.Parse(schedule.Cron, schedule.TimeZone).LatestIn(schedule.DueAfter, now) is not { } dueAt)
            return null;

        var missed = now - dueAt > RunSchedule.Grace
            ? $"No server was running within {RunSchedule.Grace.TotalMinutes:0} minutes."
            : null;
        if (await schedules.FireAsync(schedule, dueAt, missed, cancellationToken) is not { } firing)
            return null;

        if (firing.Run is { } run)
        {
            LogCreated(schedule.Id, dueAt, run.Id);
            await pickup.PickUpAsync(run.TenantId, cancellationToken);
        }
        else if (firing.Outcome == ScheduleOutcome.Skipped)
        {
            LogSkipped(schedule.Id, dueAt, firing.Reason);
        }
        else
        {
            LogNotCreated(schedule.Id, dueAt, StoredWord.Of(firing.Outcome), firing.Reason);
        }

        return firing;
    }

    [LoggerMessage(1130, LogLevel.Information, "Schedule {ScheduleId}, due {DueAt:u}: created run {RunId}")]
    private partial void LogCreated(long scheduleId, DateTimeOffset dueAt, long runId);

    [LoggerMessage(1131, LogLevel.Information, "Schedule {ScheduleId}, due {DueAt:u}, made no run: {Reason}")]
    private partial void LogSkipped(long scheduleId, DateTimeOffset dueAt, string? reason);

    [LoggerMessage(1132, LogLevel.Warning, "Schedule {ScheduleId}, due {DueAt:u}, made no run: {Outcome}: {Reason}")]
    private partial void LogNotCreated(long scheduleId, DateTimeOffset dueAt, string outcome, string? reason);
}
