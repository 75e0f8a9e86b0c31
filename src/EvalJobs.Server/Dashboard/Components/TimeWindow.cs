using System.Globalization;

namespace EvalJobs.Server.Dashboard.Components;

/// <summary>A "from" and "to" in the query of a list, as a browser's date-and-time field writes them, in the zone that the query names, else in UTC.</summary>
/// <remarks>The query names the zone, not the cookie: a link means the same to everyone who opens it.</remarks>
/// <param name="From">The start; null means from the first.</param>
/// <param name="To">The end; null means until now.</param>
public sealed record TimeWindow(DateTimeOffset? From, DateTimeOffset? To)
{
    /// <summary>Whether it ends before it begins.</summary>
    public bool IsReversed => From > To;

    /// <summary>Reads the window from a request; invalid values are rejected.</summary>
    internal static TimeWindow Of(PageRequest request)
    {
        var zone = PageTimes.FindZone(request.Query("zone"));
        if (zone is null && request.Query("zone") is not null)
            request.RejectQuery("zone", "is not a time zone of this server; expected an IANA name such as Europe/Berlin.");
        return new(Read(request, "from", zone ?? TimeZoneInfo.Utc, isLast: false), Read(request, "to", zone ?? TimeZoneInfo.Utc, isLast: true));
    }

    /// <summary>The ids between which the window lies.</summary>
    /// <param name="now">The database's clock.</param>
    /// <param name="findIdAt">Returns the highest id at that time.</param>
    /// <returns>Exclusive bounds.</returns>
    public async Task<(long AfterId, long BeforeId)> BoundsAsync(DateTimeOffset now, Func<TimeSpan, Task<long>> findIdAt)
    {
        var after = From is { } from ? await findIdAt(Ago(now, from)) : 0;
        var before = To is { } to && to < now ? await findIdAt(Ago(now, to)) + 1 : long.MaxValue;
        return (after, before);
    }

    // Not before the year 2000: the database subtracts, and a time before its calendar begins is an error there.
    private static TimeSpan Ago(DateTimeOffset now, DateTimeOffset moment)
    {
        var earliest = new DateTimeOffset(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
        return now - (moment < earliest ? earliest : moment > now ? now : moment);
    }

    private static DateTimeOffset? Read(PageRequest request, string name, TimeZoneInfo zone, bool isLast)
    {
        var typed = request.Query(name);
        var moment = Parse(typed, zone, isLast);
        if (typed is not null && moment is null)
            request.RejectQuery(name, "is not a time; expected a date and a time such as 2026-01-31T08:00.");
        return moment;
    }

    // A text with an offset from UTC is a moment in any zone.
    private static DateTimeOffset? Parse(string? text, TimeZoneInfo zone, bool isLast) =>
        DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var clock) && clock.Kind == DateTimeKind.Unspecified
            ? PageTimes.AtClock(clock, zone, isLast)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var moment) ? moment : null;
}
