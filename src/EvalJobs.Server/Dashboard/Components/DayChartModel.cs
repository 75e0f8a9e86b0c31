using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Components;

/// <summary>Backlog and throughput of the last 24 hours, hour by hour.</summary>
/// <param name="Hours">24 hours, the earliest first.</param>
public sealed record DayChartModel(IReadOnlyList<DayChartHour> Hours)
{
    private const int HourCount = 24;

    /// <summary>Adds up the tenants' hours. The backlog is counted back from the present one by what came and went since.</summary>
    /// <param name="flow">Their hours, in any order.</param>
    /// <param name="backlogNow">Runs pending and running now.</param>
    /// <param name="now">The moment the hours count back from.</param>
    internal static DayChartModel Of(IEnumerable<DayFlow> flow, long backlogNow, DateTimeOffset now)
    {
        var created = new long[HourCount];
        var ended = new long[HourCount];
        var failed = new long[HourCount];
        foreach (var hour in flow)
        {
            var index = Math.Clamp(hour.HoursAgo, 0, HourCount - 1);
            created[index] += hour.CreatedCount;
            ended[index] += hour.EndedCount;
            failed[index] += hour.FailedCount;
        }

        var hours = new DayChartHour[HourCount];
        var backlog = backlogNow;
        for (var hoursAgo = 0; hoursAgo < HourCount; hoursAgo++)
        {
            // A run created and archived within the day counts on neither side.
            hours[HourCount - 1 - hoursAgo] = new DayChartHour(now.AddHours(-hoursAgo - 1), created[hoursAgo], ended[hoursAgo], failed[hoursAgo], Math.Max(0, backlog));
            backlog += ended[hoursAgo] - created[hoursAgo];
        }

        return new DayChartModel(hours);
    }

    /// <summary>Runs created in the day.</summary>
    public long CreatedCount => Hours.Sum(hour => hour.Created);

    /// <summary>Runs ended in the day.</summary>
    public long EndedCount => Hours.Sum(hour => hour.Ended);

    /// <summary>Runs failed in the day.</summary>
    public long FailedCount => Hours.Sum(hour => hour.Failed);
}

/// <summary>One hour of the chart.</summary>
/// <param name="From">Its begin, UTC.</param>
/// <param name="Created">Runs created in it.</param>
/// <param name="Ended">Runs ended in it, the failed ones included.</param>
/// <param name="Failed">Runs failed in it.</param>
/// <param name="Backlog">Runs pending or running at its end.</param>
public sealed record DayChartHour(DateTimeOffset From, long Created, long Ended, long Failed, long Backlog);
