using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard.Components;

/// <summary>Backlog and throughput of the last 24 hours, by hours of the clock.</summary>
/// <param name="Hours">The hours, the earliest first. The first and the last are parts of an hour: the parts within the 24 hours.</param>
public sealed record DayChartModel(IReadOnlyList<DayChartHour> Hours)
{
    /// <summary>Hours of the clock that the last 24 hours touch.</summary>
    internal const int HourCount = 25;

    /// <summary>Adds up the tenants' hours. The backlog is calculated back from the current one by the runs created and ended since.</summary>
    /// <param name="flow">Their hours, in any order.</param>
    /// <param name="backlogNow">Runs pending and running now.</param>
    /// <param name="now">The moment the hours count back from.</param>
    internal static DayChartModel Of(IEnumerable<DayFlow> flow, long backlogNow, DateTimeOffset now)
    {
        var created = new long[HourCount];
        var ended = new long[HourCount];
        var failed = new long[HourCount];
        var first = DayFlow.HourOf(now) - (HourCount - 1);
        foreach (var hour in flow)
        {
            // Runs counted a little before or after the moment of the chart are added to its first or last hour.
            var index = Math.Clamp(hour.Hour - first, 0, HourCount - 1);
            created[index] += hour.CreatedCount;
            ended[index] += hour.EndedCount;
            failed[index] += hour.FailedCount;
        }

        var hours = new DayChartHour[HourCount];
        var backlog = backlogNow;
        for (var index = HourCount - 1; index >= 0; index--)
        {
            var from = DayFlow.StartOf(first + index);

            // A run created and archived within the day counts on neither side.
            hours[index] = new DayChartHour(
                index == 0 ? now.AddDays(-1) : from, index == HourCount - 1 ? now : from.AddHours(1), created[index], ended[index], failed[index], Math.Max(0, backlog));
            backlog += ended[index] - created[index];
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
/// <param name="From">Its start, UTC.</param>
/// <param name="To">Its end, UTC.</param>
/// <param name="Created">Runs created in it.</param>
/// <param name="Ended">Runs ended in it, the failed ones included.</param>
/// <param name="Failed">Runs failed in it.</param>
/// <param name="Backlog">Runs pending or running at its end.</param>
public sealed record DayChartHour(DateTimeOffset From, DateTimeOffset To, long Created, long Ended, long Failed, long Backlog);
