using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Judges whether ticks come as scheduled, by what they left in our tables: it needs no Hangfire.</summary>
public sealed class TickJudge(DispatchRepository dispatches, TenantHealthRepository health, DispatchOptions options)
{
    private readonly TickSchedule _schedule = new(options.Cron);

    /// <summary>How long a due run may wait, counted from a moment: two ticks.</summary>
    public TimeSpan LongestWait(DateTimeOffset now) => _schedule.TwoTicksAfter(now);

    /// <param name="now">The database's clock.</param>
    /// <param name="watchedSince">Silence before this moment is not held against anyone; null counts all of it.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>What is wrong with the ticks; null when nothing is.</returns>
    public async Task<string?> JudgeAsync(DateTimeOffset now, DateTimeOffset? watchedSince, CancellationToken cancellationToken)
    {
        if (await dispatches.ListAsync(1, cancellationToken) is not [var last])
            return await JudgeFirstAsync(now, watchedSince, cancellationToken);

        var silentSince = watchedSince > last.StartedAt ? watchedSince.Value : last.StartedAt;
        return _schedule.IsMissed(silentSince, now)
            ? $"A tick was missed: the last one started at {last.StartedAt:yyyy-MM-dd HH:mm:ss} UTC (schedule {options.Cron}). Is a server running?"
            : null;
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
