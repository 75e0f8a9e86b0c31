using System.Globalization;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Server.Dashboard.Forms;

/// <summary>The form of a schedule, as typed.</summary>
internal sealed record ScheduleForm
{
    /// <summary>Every day at a time.</summary>
    public const string Daily = "day";

    /// <summary>Monday to Friday at a time.</summary>
    public const string OnWeekdays = "weekdays";

    /// <summary>Once a week at a time.</summary>
    public const string Weekly = "week";

    /// <summary>By a cron expression.</summary>
    public const string ByCron = "cron";

    /// <summary>How often the schedule repeats, by the value posted.</summary>
    public static IReadOnlyList<(string Key, string Text)> Choices { get; } =
        [(Daily, "every day"), (OnWeekdays, "every weekday (Monday to Friday)"), (Weekly, "every week, on one day"), (ByCron, "by a cron expression")];

    /// <summary>The days of the week, by the number that cron gives them.</summary>
    public static IReadOnlyList<string> Weekdays { get; } = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

    /// <summary>The tenant.</summary>
    public required Tenant Tenant { get; init; }

    /// <summary>The suite to run.</summary>
    public required long SuiteId { get; init; }

    /// <summary>Its name.</summary>
    public required string SuiteName { get; init; }

    /// <summary>The tenant's agents; the first 200.</summary>
    public required IReadOnlyList<string> Agents { get; init; }

    /// <summary>The schedule; null when it is new.</summary>
    public long? ScheduleId { get; init; }

    /// <summary>The revision it was read at.</summary>
    public int BasedOn { get; init; }

    /// <summary>The agent chosen.</summary>
    public string Agent { get; init; } = "";

    /// <summary>One of <see cref="Choices"/>.</summary>
    public string Repeat { get; init; } = Daily;

    /// <summary>The day of the week, as cron's number.</summary>
    public string Weekday { get; init; } = "1";

    /// <summary>The time of day.</summary>
    public string Time { get; init; } = "02:00";

    /// <summary>The cron expression.</summary>
    public string Cron { get; init; } = "";

    /// <summary>The IANA id.</summary>
    public string TimeZone { get; init; } = "UTC";

    /// <summary>The runs' priority.</summary>
    public string Priority { get; init; } = "0";

    /// <summary>Why the stored schedule makes no runs: its times cannot be read on this machine; null when they can.</summary>
    public string? Problem { get; init; }

    /// <summary>What is wrong with it.</summary>
    public FormErrors Errors { get; } = new();

    /// <summary>The expression that the fields represent; null when the time is not valid.</summary>
    public string? CronTyped
    {
        get
        {
            if (Repeat == ByCron)
                return Cron;
            if (!TimeOnly.TryParseExact(Time, ["HH:mm", "H:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
                return null;
            var days = Repeat switch
            {
                OnWeekdays => "1-5",
                Weekly => Weekday is [>= '0' and <= '6'] ? Weekday : "1",
                _ => "*",
            };
            return string.Create(CultureInfo.InvariantCulture, $"{time.Minute} {time.Hour} * * {days}");
        }
    }

    /// <returns>The form of a stored schedule: its fields, if they can represent its expression.</returns>
    public static ScheduleForm Of(Tenant tenant, RunSchedule schedule, IReadOnlyList<string> agents)
    {
        var form = new ScheduleForm
        {
            Tenant = tenant,
            SuiteId = schedule.SuiteId,
            SuiteName = schedule.SuiteName,
            Agents = agents,
            ScheduleId = schedule.Id,
            BasedOn = schedule.Revision,
            Agent = schedule.AgentName,
            Repeat = ByCron,
            Cron = schedule.Cron,
            TimeZone = schedule.TimeZone,
            Priority = schedule.Priority.ToString(CultureInfo.InvariantCulture),
            Problem = ScheduleTimes.FindProblem(schedule.Cron, schedule.TimeZone),
        };
        if (schedule.Cron.Split(' ') is not [var minute, var hour, "*", "*", var days]
            || !int.TryParse(minute, NumberStyles.None, CultureInfo.InvariantCulture, out var atMinute) || !int.TryParse(hour, NumberStyles.None, CultureInfo.InvariantCulture, out var atHour))
            return form;
        var repeat = days switch
        {
            "*" => Daily,
            "1-5" => OnWeekdays,
            [>= '0' and <= '6'] => Weekly,
            _ => ByCron,
        };
        return form with
        {
            Repeat = repeat,
            Weekday = repeat == Weekly ? days : form.Weekday,
            Time = string.Create(CultureInfo.InvariantCulture, $"{atHour:00}:{atMinute:00}"),
        };
    }
}
