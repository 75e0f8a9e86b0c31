namespace EvalJobs.ExampleHost;

/// <summary>A Hangfire job of the host's own.</summary>
public sealed class NightlyReport
{
    private int _count;

    /// <summary>How often it ran.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Writes the report.</summary>
    public void Write() => Interlocked.Increment(ref _count);
}
