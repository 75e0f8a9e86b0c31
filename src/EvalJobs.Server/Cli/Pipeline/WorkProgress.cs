using Spectre.Console;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>
/// Shows the progress of work: a bar in a terminal, otherwise a line on standard error from time to time, so that a pipeline's log shows activity.
/// </summary>
internal static class WorkProgress
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    /// <summary>Executes the work and shows its progress.</summary>
    /// <param name="context">Has the output, and whether it is a terminal.</param>
    /// <param name="cases">The total number of cases.</param>
    /// <param name="work">The work. It reports the number done so far by the given function.</param>
    /// <param name="what">The counted items, in words.</param>
    public static async Task<T> ShowAsync<T>(CommandContext context, int cases, Func<Action<int>, Task<T>> work, string what = "cases answered")
    {
        if (context.IsWatched)
        {
            return await AnsiConsole.Progress().StartAsync(async progress =>
            {
                var task = progress.AddTask($"{cases} {what}", maxValue: Math.Max(1, cases));
                return await work(count => task.Value = Math.Min(count, cases));
            });
        }

        var answered = 0;
        using var ended = new CancellationTokenSource();
        var lines = WriteLinesAsync(() => Volatile.Read(ref answered), $"{cases} {what}", context.Get<TimeProvider>(), ended.Token);
        try
        {
            return await work(count => Volatile.Write(ref answered, count));
        }
        finally
        {
            await ended.CancelAsync();
            await lines;
        }
    }

    private static async Task WriteLinesAsync(Func<int> answered, string whole, TimeProvider clock, CancellationToken ended)
    {
        using var timer = new PeriodicTimer(LineInterval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(ended))
                await CommandContext.ErrorLineAsync($"{answered()} of {whole}.");
        }
        catch (OperationCanceledException)
        {
            // The work has ended.
        }
    }
}
