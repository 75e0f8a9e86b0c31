using System.Diagnostics;

namespace EvalJobs.Tests.Support;

/// <summary>Waits for what happens soon and announces itself in no other way.</summary>
public static class Wait
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <param name="condition">Looked at every few milliseconds.</param>
    /// <param name="what">For the message, such as "two requests".</param>
    /// <exception cref="TimeoutException">It has not come within two minutes.</exception>
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        var waiting = Stopwatch.StartNew();
        while (!condition())
        {
            if (waiting.Elapsed > Limit)
                throw new TimeoutException($"The test waited two minutes in vain for {what}.");
            await Task.Delay(5);
        }
    }
}
