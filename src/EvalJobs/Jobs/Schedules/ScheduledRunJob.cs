using System.Globalization;
using EvalJobs.Data;
using EvalJobs.Domain;
using Hangfire;

namespace EvalJobs.Jobs;

/// <summary>A schedule's recurring job: creates the run that is due by our table. The table decides; Hangfire only starts the job.</summary>
[AutomaticRetry(Attempts = 0)]
internal sealed class ScheduledRunJob(RunScheduleRepository schedules, TenantHealthRepository health, DueSchedules due)
{
    /// <summary>How much Hangfire's clock may be ahead of the database's, which decides.</summary>
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromSeconds(30);

    /// <summary>Creates the run that is due.</summary>
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled; the next check of the schedules makes up for it.</param>
    /// <returns>What was done, for the dashboard's list of jobs.</returns>
    [JobDisplayName("Schedule {0}")]
    public async Task<string> RunAsync(long scheduleId, CancellationToken cancellationToken)
    {
        if (await schedules.FindAsync(scheduleId, cancellationToken) is not { } schedule)
            return "The schedule is deleted.";
        if (schedule.IsPaused)
            return "The schedule is paused.";

        var now = await health.ReadClockAsync(cancellationToken);
        var next = ScheduleTimes.Parse(schedule.Cron, schedule.TimeZone).NextAfter(schedule.DueAfter);
        if (next is { } soon && soon > now && soon - now <= MaxClockDifference)
        {
            await Task.Delay(soon - now, cancellationToken);
            now = soon;
        }

        return await due.FireAsync(schedule, now, cancellationToken) switch
        {
            { Run: { } run } => string.Create(CultureInfo.InvariantCulture, $"Created run {run.Id}."),
            { } firing => $"{StoredWord.Of(firing.Outcome)}: {firing.Reason}",
            _ => next > now
                ? string.Create(CultureInfo.InvariantCulture, $"Nothing is due before {next:yyyy-MM-dd HH:mm} UTC.")
                : "Processed already.",
        };
    }
}
