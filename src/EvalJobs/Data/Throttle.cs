using System.Diagnostics;

namespace EvalJobs.Data;

/// <summary>The pause between two small transactions of long work, so that waiting transactions come first.</summary>
internal static class Throttle
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits as long as the step took: other processes poll for SQLite's write lock and must find it free half of the time.</summary>
    /// <param name="started">When the step began, by <see cref="Stopwatch.GetTimestamp"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static Task PauseAsync(long started, CancellationToken cancellationToken)
    {
        var took = Stopwatch.GetElapsedTime(started);
        return Task.Delay(took > Shortest ? took : Shortest, cancellationToken);
    }
}
