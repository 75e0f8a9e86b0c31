using System.Globalization;

namespace EvalJobs.Jobs;

/// <summary>Describes usual cron expressions in words.</summary>
internal static class ScheduleText
{
    private static readonly string[] Days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    private static readonly string[] ShortDays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    /// <returns>Such as "every Monday at 02:00"; for other expressions "by the cron expression 0 2 1-7 * 1".</returns>
    public static string Describe(string cron) => Find(cron) ?? $"by the cron expression {cron}";

    /// <returns>Such as "every Monday at 02:00"; null for other expressions.</returns>
    public static string? Find(string cron)
    {
        if (cron.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not [var minute, var hour, var day, "*", var weekday])
            return null;

        if (day == "*" && weekday == "*" && hour == "*")
        {
            if (minute.StartsWith("*/", StringComparison.Ordinal) && Number(minute[2..], 59) is { } step and > 1 && 60 % step == 0)
                return $"every {step} minutes";
            if (Number(minute, 59) is { } past)
                return past == 0 ? "every hour" : $"every hour at :{past:00}";
        }

        if (Number(minute, 59) is not { } atMinute)
            return null;
        if (day == "*" && weekday == "*" && hour.StartsWith("*/", StringComparison.Ordinal) && Number(hour[2..], 23) is { } hours and > 1 && 24 % hours == 0)
            return atMinute == 0 ? $"every {hours} hours" : $"every {hours} hours at :{atMinute:00}";
        if (Times(hour, atMinute) is not { } times)
            return null;
        return (day, weekday.ToUpperInvariant()) switch
        {
            ("*", "*") => $"every day at {times}",
            ("*", "1-5" or "MON-FRI") => $"every weekday (Monday to Friday) at {times}",
            ("*", "0,6" or "6,0" or "SAT,SUN" or "6-7" or "6,7") => $"every Saturday and Sunday at {times}",
            ("*", var one) when DayOf(one) is { } name => $"every {name} at {times}",
            ("*", var several) when several.Split(',') is { Length: > 1 } parts && parts.All(part => DayOf(part) is not null) =>
                $"every {Joined([.. parts.Select(part => DayOf(part)!)])} at {times}",
            ("L", "*") => $"on the last day of every month at {times}",
            (_, "*") when Number(day, 31) is { } date and > 0 => $"on day {date} of every month at {times}",
            _ => null,
        };
    }

    private static string? Times(string hour, int minute)
    {
        var hours = hour.Split(',').Select(part => Number(part, 23)).ToList();
        return hours.TrueForAll(each => each is not null) ? Joined([.. hours.Select(each => string.Create(CultureInfo.InvariantCulture, $"{each:00}:{minute:00}"))]) : null;
    }

    private static string? DayOf(string weekday) =>
        Number(weekday, 7) is { } number ? Days[number] : Array.IndexOf(ShortDays, weekday) is >= 0 and var index ? Days[index] : null;

    private static string Joined(string[] parts) => parts.Length == 1 ? parts[0] : $"{string.Join(", ", parts[..^1])} and {parts[^1]}";

    private static int? Number(string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= most ? number : null;
}
