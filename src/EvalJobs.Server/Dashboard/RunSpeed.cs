using EvalJobs.Domain;

namespace EvalJobs.Server.Dashboard;

/// <summary>The speed of a run, from the readings of the last minute.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class RunSpeed
{
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(4);

    private readonly Queue<(DateTimeOffset At, int Done)> _readings = new();
    private int _attempt;

    /// <summary>Takes a reading.</summary>
    /// <returns>Cases answered a minute; null while it is not known.</returns>
    public double? Next(DateTimeOffset at, EvaluationRun run, int done)
    {
        if (run.Status != RunStatus.Running)
        {
            _readings.Clear();
            return null;
        }

        // Between two attempts no case is answered, so that time does not count.
        if (run.Attempt != _attempt)
            _readings.Clear();
        _attempt = run.Attempt;
        _readings.Enqueue((at, done));
        while (_readings.Count > 2 && at - _readings.Peek().At > Window)
            _readings.Dequeue();

        var (since, before) = _readings.Peek();
        if (at - since >= Shortest)
            return done > before ? (done - before) / (at - since).TotalMinutes : null;

        // The first reading uses the whole first attempt.
        return run is { Attempt: 1, StartedAt: { } started } && at - started >= Shortest && done > 0 ? done / (at - started).TotalMinutes : null;
    }
}
