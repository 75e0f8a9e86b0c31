using System.Globalization;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>A schedule, as shown to people.</summary>
internal sealed record ScheduleStatus
{
    /// <summary>When, in words, such as "every day at 02:00, Europe/Berlin".</summary>
    public required string Words { get; init; }

    /// <summary>When it is next due, UTC; null while it is paused, or when the time cannot be calculated.</summary>
    public DateTimeOffset? NextDueAt { get; init; }

    /// <summary>The same in the schedule's zone, such as "2026-12-01 02:00"; null like it.</summary>
    public string? NextDueLocal { get; init; }

    /// <summary>Why the time cannot be calculated: this machine does not have the zone; null when it can.</summary>
    public string? Error { get; init; }

    /// <returns>The status of a schedule.</returns>
    public static ScheduleStatus Of(RunSchedule schedule)
    {
        var words = $"{ScheduleText.Describe(schedule.Cron)}, {schedule.TimeZone}";
        try
        {
            var times = ScheduleTimes.Parse(schedule.Cron, schedule.TimeZone);
            var next = schedule.IsPaused ? null : times.NextAfter(schedule.DueAfter);
            return new ScheduleStatus { Words = words, NextDueAt = next, NextDueLocal = next is { } due ? times.ToLocal(due).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) : null };
        }
        catch (InvalidInputException error)
        {
            return new ScheduleStatus { Words = words, Error = error.Message };
        }
    }
}
