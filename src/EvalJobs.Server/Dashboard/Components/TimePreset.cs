namespace EvalJobs.Server.Dashboard.Components;

/// <summary>A usual "from" and "to" of a list.</summary>
/// <param name="Word">Its word in the form.</param>
/// <param name="Text">Its words for people.</param>
/// <param name="From">The start.</param>
/// <param name="To">The end; null means until now.</param>
/// <param name="Slack">How much earlier the start may be and still match, for a start that moves with the clock.</param>
internal sealed record TimePreset(string Word, string Text, DateTimeOffset From, DateTimeOffset? To, TimeSpan Slack = default)
{
    /// <summary>The field of the form with the word.</summary>
    public const string Field = "preset";

    /// <returns>All of them, as they are now in a zone.</returns>
    public static IReadOnlyList<TimePreset> All(PageTimes times, DateTimeOffset now)
    {
        var today = times.StartOfDay(now);
        return
        [
            new("today", "Today", today, null),
            new("yesterday", "Yesterday", times.StartOfDay(now, 1), today),
            new("day", "Last 24 hours", now.AddHours(-24), null, TimeSpan.FromMinutes(5)),
            new("days", "Last 7 days", times.StartOfDay(now, 7), null),
            new("week", "Last week", times.StartOfWeek(now, 1), times.StartOfWeek(now)),
        ];
    }

    /// <returns>The page's address with the times of the pressed preset, so that the address still means the same tomorrow. Null when none was pressed.</returns>
    public static string? Chosen(PageRequest request, DateTimeOffset now)
    {
        var all = All(request.Times, now);
        if (request.QueryWord(Field, [.. all.Select(each => each.Word)]) is not { } word)
            return null;
        var (times, chosen) = (request.Times, all.First(each => each.Word == word));
        return request.UrlWith((Field, null), ("from", times.Field(chosen.From)), ("to", times.Field(chosen.To)), ("zone", times.IsUtc ? null : times.Name), ("before", null));
    }

    /// <returns>Whether these are the times of a list.</returns>
    public bool IsOf(TimeWindow window) => window.From is { } from && Minute(from) <= Minute(From) && Minute(from) >= Minute(From - Slack) && Minute(window.To ?? default) == Minute(To ?? default);

    // The fields are exact to the minute.
    private static long Minute(DateTimeOffset moment) => moment.UtcTicks / TimeSpan.TicksPerMinute;
}
