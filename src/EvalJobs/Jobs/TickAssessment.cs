using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Assesses whether ticks come as scheduled, by what they left in our tables: it needs no Hangfire.</summary>
internal sealed class TickAssessment(DispatchRepository dispatches, TenantHealthRepository health, JobPauses pauses, DispatchOptions options)
{
    /// <summary>Ticks read: those that began and never finished served no tenant, however many they are.</summary>
    private const int MaxTicksRead = 50;

    /// <summary>Servers on one database may read its clock in another order than they write.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(5);

    private readonly TickSchedule _schedule = new(options.Cron);

    /// <summary>How long a due run may wait, counted from a moment: two ticks.</summary>
    public TimeSpan MaxWait(DateTimeOffset now) => _schedule.TwoTicksAfter(now);

    /// <param name="now">The database's clock.</param>
    /// <param name="watchedSince">Ticks missing before this moment do not count; null counts all of them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What is wrong with the ticks; null when nothing is, or someone has paused them.</returns>
    public async Task<string?> AssessAsync(DateTimeOffset now, DateTimeOffset? watchedSince, CancellationToken cancellationToken)
    {
        if (await pauses.FindAsync(JobSchedule.ProcessEvaluations, cancellationToken) is { } pause)
        {
            if (pause.IsPaused)
                return null;

            // None was due before they were resumed.
            watchedSince = watchedSince > pause.At ? watchedSince : pause.At;
        }

        var ticks = await dispatches.ListAsync(MaxTicksRead, cancellationToken);
        if (ticks.Count == 0)
            return await AssessFirstAsync(now, watchedSince, cancellationToken);

        if (ticks[0].StartedAt > now + Tolerance)
            return $"The clock was set back: the latest tick started at {ticks[0].StartedAt:yyyy-MM-dd HH:mm:ss} UTC, and now it is {now:yyyy-MM-dd HH:mm:ss} UTC. Ticks follow the new time.";

        var finished = ticks.FirstOrDefault(tick => tick.FinishedAt is not null);
        var lastGood = (finished ?? ticks[^1]).StartedAt;
        if (!_schedule.IsMissed(watchedSince > lastGood ? watchedSince.Value : lastGood, now))
            return null;
        return ReferenceEquals(finished, ticks[0])
            ? $"A tick was missed: the last one started at {lastGood:yyyy-MM-dd HH:mm:ss} UTC (schedule {options.Cron}). Is a server running?"
            : $"A tick was missed: those since {lastGood:yyyy-MM-dd HH:mm:ss} UTC began and did not finish (schedule {options.Cron}). The server's log says why.";
    }

    /// <summary>A new installation has no tick yet; it is late only when work is.</summary>
    private async Task<string?> AssessFirstAsync(DateTimeOffset now, DateTimeOffset? watchedSince, CancellationToken cancellationToken)
    {
        if (watchedSince is { } since && !_schedule.IsMissed(since, now))
            return null;

        var loads = await health.ListLoadAsync(cancellationToken);
        return loads.Any(load => load.OldestPendingAgeMs > MaxWait(now).TotalMilliseconds)
            ? "No tick has ever run, and work is waiting: is a server running?"
            : null;
    }
}
