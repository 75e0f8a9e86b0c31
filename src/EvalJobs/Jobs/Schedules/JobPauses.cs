using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>Which recurring jobs are paused, read from our table every two seconds at most. Safe for concurrent use.</summary>
internal sealed class JobPauses(JobPauseRepository pauses, ScheduleChanges changes, TimeProvider clock)
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(2);

    private volatile Reading? _last;

    /// <returns>Whether no batches may be queued by the tick or between ticks. At most two seconds old.</returns>
    public async Task<bool> IsTickPausedAsync(CancellationToken cancellationToken) => (await FindAsync(JobSchedule.ProcessEvaluations, cancellationToken))?.IsPaused == true;

    /// <returns>The pause of a recurring job, present or past; null when it was never paused. At most two seconds old.</returns>
    public async Task<JobPause?> FindAsync(string jobId, CancellationToken cancellationToken) => (await ListAsync(cancellationToken)).GetValueOrDefault(jobId);

    /// <returns>The pauses of all recurring jobs that were ever paused. At most two seconds old.</returns>
    public async Task<IReadOnlyDictionary<string, JobPause>> ListAsync(CancellationToken cancellationToken)
    {
        var (last, seen) = (_last, changes.Count);
        if (last is null || last.Changes != seen || clock.GetElapsedTime(last.At) > Age)
            _last = last = new Reading(await pauses.ListAsync(cancellationToken), seen, clock.GetTimestamp());
        return last.Pauses;
    }

    private sealed record Reading(IReadOnlyDictionary<string, JobPause> Pauses, int Changes, long At);
}
