using System.Diagnostics;

namespace EvalJobs.Tests.Support;

/// <summary>Waits for a condition by polling, where no event reports it.</summary>
public static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="condition">The condition, checked every few milliseconds.</param>
    /// <param name="what">For the message, such as "two requests".</param>
    /// <exception cref="TimeoutException">The condition was not true within two minutes.</exception>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var waiting = Stopwatch.StartNew();
        while (!condition())
        {
            if (waiting.Elapsed > Limit)
                throw new TimeoutException($"The test waited two minutes for {what} without success.");
            await Task.Delay(5);
        }
    }
}
