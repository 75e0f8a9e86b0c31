using Spectre.Console;

namespace EvalJobs.Server.Cli.Pipeline;

/// <summary>Shows how far work is: a bar where a person watches, else a line on standard error now and then, which keeps a pipeline's log alive.</summary>
internal static class WorkProgress
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(10);

    /// <summary>Does the work and shows its progress.</summary>
    /// <param name="context">Says whether a person watches.</param>
    /// <param name="cases">How many there are in all.</param>
    /// <param name="work">The work; it calls what it is given with the number done so far.</param>
    /// <param name="what">What is counted.</param>
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
