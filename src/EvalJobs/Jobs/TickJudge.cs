using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Judges whether ticks come as scheduled, by what they left in our tables: it needs no Hangfire.</summary>
public sealed class TickJudge(DispatchRepository dispatches, TenantHealthRepository health, DispatchOptions options)
{
    /// <summary>Ticks looked at: those that began and never finished did nothing for anyone, however many they are.</summary>
    private const int LookedAt = 50;

    private readonly TickSchedule _schedule = new(options.Cron);

    /// <summary>How long a due run may wait, counted from a moment: two ticks.</summary>
    public TimeSpan LongestWait(DateTimeOffset now) => _schedule.TwoTicksAfter(now);

    /// <param name="now">The database's clock.</param>
    /// <param name="watchedSince">Silence before this moment is not held against anyone; null counts all of it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What is wrong with the ticks; null when nothing is.</returns>
    public async Task<string?> JudgeAsync(DateTimeOffset now, DateTimeOffset? watchedSince, CancellationToken cancellationToken)
    {
        var ticks = await dispatches.ListAsync(LookedAt, cancellationToken);
        if (ticks.Count == 0)
            return await JudgeFirstAsync(now, watchedSince, cancellationToken);

        var finished = ticks.FirstOrDefault(tick => tick.FinishedAt is not null);
        var lastGood = (finished ?? ticks[^1]).StartedAt;
        if (!_schedule.IsMissed(watchedSince > lastGood ? watchedSince.Value : lastGood, now))
            return null;
        return ReferenceEquals(finished, ticks[0])
            ? $"A tick was missed: the last one started at {lastGood:yyyy-MM-dd HH:mm:ss} UTC (schedule {options.Cron}). Is a server running?"
            : $"A tick was missed: those since {lastGood:yyyy-MM-dd HH:mm:ss} UTC began and did not finish (schedule {options.Cron}). The server's log says why.";
    }

    /// <summary>A new installation has no tick yet; it is late only when work is.</summary>
    private async Task<string?> JudgeFirstAsync(DateTimeOffset now, DateTimeOffset? watchedSince, CancellationToken cancellationToken)
    {
        if (watchedSince is { } since && !_schedule.IsMissed(since, now))
            return null;

        var loads = await health.ListLoadAsync(cancellationToken);
        return loads.Any(load => load.OldestPendingAgeMs > LongestWait(now).TotalMilliseconds)
            ? "No tick has ever run, and work is waiting: is a server running?"
            : null;
    }
}
