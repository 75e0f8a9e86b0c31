using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using EvalJobs.Domain;
using EvalJobs.Server.Dashboard;

namespace EvalJobs.Server.Api;

/// <summary>Waits for runs to end. All requests that wait for one run share its readings, so the cost for the database does not grow with their number.</summary>
internal sealed partial class RunWait(RunProgressCache progress, IHostApplicationLifetime lifetime)
{
    /// <summary>The longest wait, in seconds.</summary>
    public const int MaxSeconds = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    /// <summary>Waits for at most the seconds in the header <c>Prefer: wait=30</c>.</summary>
    /// <returns>Whether it waited, so that the run must be read again.</returns>
    public async Task<bool> UntilEndedAsync(ApiCall call, EvaluationRun run)
    {
        if (run.CompletedAt is not null || Seconds(call.Http.Request) is not { } seconds)
            return false;
        call.Http.Response.Headers["Preference-Applied"] = $"wait={seconds}";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, lifetime.ApplicationStopping);
        end.CancelAfter(TimeSpan.FromSeconds(seconds));
        try
        {
            while ((await progress.GetAsync(run.Id)).Progress.Run.CompletedAt is null)
                await Task.Delay(Interval, end.Token);
        }
        catch (OperationCanceledException) when (!call.Aborted.IsCancellationRequested)
        {
            // The time is over, or the server stops: the answer is the run as it is now.
        }

        return true;
    }

    /// <returns>
    /// The readings of a run until it has ended: each one that differs from the previous one and, from time to time, an equal one, so that the
    /// connection is not closed as inactive.
    /// </returns>
    public async IAsyncEnumerable<RunProgressReading> WatchAsync(long runId, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        (RunStatus, int, int)? last = null;
        var sentAt = Stopwatch.GetTimestamp();
        while (!end.IsCancellationRequested)
        {
            var reading = await progress.GetAsync(runId);
            var run = reading.Progress.Run;
            var state = (run.Status, run.Attempt, reading.Progress.DoneCount);
            if (state != last || Stopwatch.GetElapsedTime(sentAt) > KeepAlive)
            {
                sentAt = Stopwatch.GetTimestamp();
                yield return reading;
            }

            last = state;
            if (run.CompletedAt is not null)
                yield break;
            await Task.Delay(Interval, end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Marks endpoints that support <c>Prefer: wait</c>.</summary>
    internal sealed record Waits;

    private static int? Seconds(HttpRequest request) =>
        Wait().Match(request.Headers["Prefer"].ToString()) is { Success: true } match && int.TryParse(match.Groups["seconds"].ValueSpan, CultureInfo.InvariantCulture, out var seconds)
            ? Math.Clamp(seconds, 0, MaxSeconds)
            : null;

    [GeneratedRegex(@"(^|[,;]\s*)wait\s*=\s*(?<seconds>[0-9]{1,6})\s*($|[,;])", RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Wait();
}
