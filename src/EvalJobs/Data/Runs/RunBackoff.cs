namespace EvalJobs.Data;

/// <summary>How long a run waits for its next attempt. The statement of the rescue, which requeues many runs at once, calculates the same.</summary>
internal static class RunBackoff
{
    /// <summary>No run waits longer than this.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromDays(1);

    /// <summary>The wait after so many failed attempts, or deaths: backoff · 2^(failures − 1), at most a day.</summary>
    public static TimeSpan After(TimeSpan backoff, int failures)
    {
        var delay = backoff * Math.Pow(2, failures - 1);
        return delay < Max ? delay : Max;
    }
}
