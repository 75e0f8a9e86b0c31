using System.Globalization;
using System.Text.RegularExpressions;
using Cronos;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>When a schedule of runs is due, read from its cron expression in its time zone.</summary>
/// <remarks>
/// A time of day that is skipped when clocks go forward is due at the first moment after the gap; one that occurs twice is due the first time.
/// An expression of intervals, such as <c>*/30 * * * *</c>, continues through both.
/// </remarks>
internal sealed partial class ScheduleTimes
{
    /// <summary>Due moments that are checked to find two that are too close: several days with the shortest interval.</summary>
    private const int CheckedMoments = 500;

    private const string Example = "expected five fields (minute hour day month weekday), such as 0 2 * * * for every day at 02:00";

    private readonly CronExpression _expression;
    private readonly TimeZoneInfo _zone;

    private ScheduleTimes(CronExpression expression, TimeZoneInfo zone) => (_expression, _zone) = (expression, zone);

    /// <summary>The zone of the times of day.</summary>
    public TimeZoneInfo Zone => _zone;

    /// <summary>Reads an entered expression, and checks that it keeps <see cref="RunSchedule.MinInterval"/>.</summary>
    /// <exception cref="InvalidInputException">The expression or the zone is not acceptable; the message begins with <c>cron</c> or <c>timeZone</c>.</exception>
    public static ScheduleTimes Validate(string cron, string timeZone)
    {
        var times = Parse(cron, timeZone);
        var previous = times._expression.GetNextOccurrence(DateTime.UnixEpoch.AddYears(55), inclusive: true)
            ?? throw new InvalidInputException($"cron: '{cron}' is never due: there is no such day.");
        for (var count = 0; count < CheckedMoments && times._expression.GetNextOccurrence(previous) is { } next; count++)
        {
            if (next - previous < RunSchedule.MinInterval)
                throw new InvalidInputException($"cron: '{cron}' is due at {previous:HH:mm} and again at {next:HH:mm}; a schedule is due every {RunSchedule.MinInterval.TotalMinutes:0} minutes at most.");
            previous = next;
        }

        return times;
    }

    /// <summary>Reads a stored schedule.</summary>
    /// <exception cref="InvalidInputException">This machine does not have the zone, or the expression is not valid.</exception>
    public static ScheduleTimes Parse(string cron, string timeZone)
    {
        if (cron.Length > RunSchedule.MaxCronLength || cron.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length != 5)
            throw new InvalidInputException($"cron: '{Shortened(cron)}' is not a cron expression: {Example}.");
        return CronExpression.TryParse(cron, CronFormat.Standard, out var expression)
            ? new(expression, FindZone(timeZone))
            : throw new InvalidInputException($"cron: '{cron}' is not a cron expression: {CronErrors.FindWrongField(cron) ?? Example}.");
    }

    /// <returns>Why a stored schedule's times cannot be read; null when they can.</returns>
    public static string? FindProblem(string cron, string timeZone)
    {
        try
        {
            Parse(cron, timeZone);
            return null;
        }
        catch (InvalidInputException error)
        {
            return error.Message;
        }
    }

    /// <returns>The first due moment after this one, UTC; null when there is none within a century.</returns>
    public DateTimeOffset? NextAfter(DateTimeOffset moment) => _expression.GetNextOccurrence(moment, _zone)?.ToUniversalTime();

    /// <returns>The last due moment after one and not after the other, UTC; null when there is none.</returns>
    public DateTimeOffset? LatestIn(DateTimeOffset after, DateTimeOffset until)
    {
        DateTimeOffset? latest = null;
        for (var next = NextAfter(after); next <= until; next = NextAfter(next.Value))
            latest = next;
        return latest;
    }

    /// <returns>The moment as this schedule's zone writes it.</returns>
    public DateTimeOffset ToLocal(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, _zone);

    /// <exception cref="InvalidInputException">It is not an IANA id, or this machine does not have it.</exception>
    private static TimeZoneInfo FindZone(string id)
    {
        if (id == "UTC")
            return TimeZoneInfo.Utc;
        if (id.Length <= RunSchedule.MaxTimeZoneLength && IanaId().IsMatch(id) && TryFind(id) is { HasIanaId: true } zone)
            return zone;
        if (TimeZoneInfo.TryConvertWindowsIdToIanaId(id, out var iana))
            throw new InvalidInputException($"timeZone: '{id}' is an id of Windows; its IANA id is {iana}.");
        throw new InvalidInputException(TryFind("Europe/Berlin") is null
            ? $"timeZone: '{Shortened(id)}' cannot be looked up: this machine has no time zone data (the package tzdata). Only UTC can be used."
            : $"timeZone: '{Shortened(id)}' is not a time zone: expected an IANA id such as Europe/Berlin or America/New_York, or UTC.");
    }

    private static TimeZoneInfo? TryFind(string id)
    {
        try
        {
            return TimeZoneInfo.FindSystemTimeZoneById(id);
        }
        catch (Exception error) when (error is TimeZoneNotFoundException or InvalidTimeZoneException or System.Security.SecurityException or UnauthorizedAccessException or IOException)
        {
            return null;
        }
    }

    private static string Shortened(string text) => text.Length <= 100 ? text : string.Create(CultureInfo.InvariantCulture, $"{text[..100]}…");

    /// <summary>Area and place. Not the other folders of Linux, whose zones count leap seconds.</summary>
    [GeneratedRegex("^(?!posix/|right/)[A-Za-z_]+(/[A-Za-z0-9_+-]+)+$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex IanaId();
}
