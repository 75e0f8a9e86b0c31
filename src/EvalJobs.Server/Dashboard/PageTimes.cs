using System.Globalization;
using System.Text.RegularExpressions;

namespace EvalJobs.Server.Dashboard;

/// <summary>How a browser chose to see times: in which zone, and as ages or as exact moments. Two cookies remember it; without them, ages in UTC.</summary>
/// <param name="Zone">The zone; UTC is <see cref="TimeZoneInfo.Utc"/> itself.</param>
/// <param name="IsExact">Whether moments are shown in place of ages.</param>
internal sealed partial record PageTimes(TimeZoneInfo Zone, bool IsExact)
{
    /// <summary>The cookie with the zone's IANA name.</summary>
    public const string ZoneCookie = "evaljobs-zone";

    /// <summary>The cookie that says <see cref="Exact"/> where moments are shown in place of ages.</summary>
    public const string StyleCookie = "evaljobs-times";

    /// <summary>The value of <see cref="StyleCookie"/>.</summary>
    public const string Exact = "exact";

    /// <summary>The name of UTC.</summary>
    public const string UtcName = "UTC";

    /// <returns>What the request's cookies say; invalid values count as absent.</returns>
    public static PageTimes Of(HttpContext http) =>
        new(FindZone(http.Request.Cookies[ZoneCookie]) ?? TimeZoneInfo.Utc, http.Request.Cookies[StyleCookie] == Exact);

    /// <returns>The zone of an IANA name such as <c>Europe/Berlin</c>; null when this machine has none of that name.</returns>
    public static TimeZoneInfo? FindZone(string? name)
    {
        // A name is a file in the folder of zones, whose subfolders have copies of the zones, one of them with leap seconds.
        if (name is not { Length: > 0 and <= 64 } || !ZoneName().IsMatch(name) || !TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
            return null;
        return zone.HasSameRules(TimeZoneInfo.Utc) ? TimeZoneInfo.Utc : zone;
    }

    /// <summary>Whether times are shown in UTC.</summary>
    public bool IsUtc => ReferenceEquals(Zone, TimeZoneInfo.Utc);

    /// <summary>The zone's name.</summary>
    public string Name => IsUtc ? UtcName : Zone.Id;

    /// <returns>A moment to the second with its offset from UTC, which distinguishes two hours with the same clock time: <c>2026-10-25 02:30:00 +01:00</c>.</returns>
    public string Moment(DateTimeOffset moment) =>
        IsUtc ? $"{DisplayText.Moment(moment.ToUniversalTime())} {UtcName}" : InZone(moment).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <returns>A moment in the zone and, where that is another, in UTC.</returns>
    public string MomentInBoth(DateTimeOffset moment) => IsUtc ? Moment(moment) : $"{Moment(moment)} ({DisplayText.Moment(moment.ToUniversalTime())} {UtcName})";

    /// <returns>The clock time of a moment, such as <c>14:00</c>.</returns>
    public string Clock(DateTimeOffset moment) => InZone(moment).ToString("HH:mm", CultureInfo.InvariantCulture);

    /// <returns>The value of a browser's date-and-time field; null when there is none.</returns>
    public string? Field(DateTimeOffset? moment) => moment is { } at ? InZone(at).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture) : null;

    /// <returns>The moment at which a day of the zone began, so many days before the one that holds <paramref name="now"/>.</returns>
    /// <remarks>Days have 23 or 25 hours where clocks change.</remarks>
    public DateTimeOffset StartOfDay(DateTimeOffset now, int daysBefore = 0) => AtClock(InZone(now).Date.AddDays(-daysBefore), Zone, isLast: false);

    /// <returns>The moment at which a week of the zone began, a Monday, so many weeks before the one that holds <paramref name="now"/>.</returns>
    public DateTimeOffset StartOfWeek(DateTimeOffset now, int weeksBefore = 0) => StartOfDay(now, (((int)InZone(now).DayOfWeek + 6) % 7) + 7 * weeksBefore);

    /// <returns>The moment that a date-and-time field means in a zone.</returns>
    /// <param name="clock">The clock time. A skipped time is moved forward by the length of the gap.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="isLast">Which of two moments with the same clock time: the later one.</param>
    public static DateTimeOffset AtClock(DateTime clock, TimeZoneInfo zone, bool isLast)
    {
        var local = DateTime.SpecifyKind(clock, DateTimeKind.Unspecified);
        var offset = zone.GetUtcOffset(local);
        if (zone.IsAmbiguousTime(local))
        {
            var offsets = zone.GetAmbiguousTimeOffsets(local);
            offset = isLast ? offsets.Min() : offsets.Max();
        }
        else if (zone.IsInvalidTime(local))
        {
            offset = zone.GetUtcOffset(local.AddDays(-1));
        }

        // The calendar's first and last day have no moment in every zone.
        var ticks = Math.Clamp(local.Ticks - offset.Ticks, DateTime.MinValue.Ticks, DateTime.MaxValue.Ticks);
        return new DateTimeOffset(ticks, TimeSpan.Zero);
    }

    private DateTimeOffset InZone(DateTimeOffset moment) => TimeZoneInfo.ConvertTime(moment, Zone);

    [GeneratedRegex(@"^(?!posix/|right/|SystemV/)[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}\z", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, 1000)]
    private static partial Regex ZoneName();
}
