namespace EvalJobs.Jobs;

/// <summary>Signals within this process that schedules or paused jobs have changed, so that a server updates Hangfire's recurring jobs at once. Safe for concurrent use.</summary>
/// <remarks>Other servers, and a server after a command, notice within a minute.</remarks>
internal sealed class ScheduleChanges
{
    private int _count;

    /// <summary>Something has changed.</summary>
    public void Announce() => Interlocked.Increment(ref _count);

    /// <summary>Counts the changes.</summary>
    public int Count => Volatile.Read(ref _count);
}
