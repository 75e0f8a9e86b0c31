using System.Globalization;

namespace EvalJobs.Execution.Scoring.Processes;

/// <summary>
/// Says whether a scorer process may be started. After two starts in a row that failed, none is tried before a pause is over, and the pause grows: otherwise a program
/// that ends at each start would be started again for each case. Safe for concurrent use.
/// </summary>
/// <param name="time">Measures the pauses.</param>
internal sealed class ScorerStarts(TimeProvider time)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private string _reason = "";
    private long _failedAt;
    private TimeSpan _pause;
    private int _failed;

    /// <returns>Why no start may be tried now, for people: why the last one failed, and when the next is tried. Null when one may.</returns>
    public string? FindError()
    {
        lock (_lock)
        {
            var left = _pause - time.GetElapsedTime(_failedAt);
            return left <= TimeSpan.Zero
                ? null
                : string.Create(CultureInfo.InvariantCulture, $"{_reason} {_failed} starts in a row have failed; the next one is tried in {Math.Ceiling(left.TotalSeconds)} s.");
        }
    }

    /// <summary>A start is tried.</summary>
    /// <returns>Its moment, to be passed to <see cref="Failed"/>.</returns>
    public long Begin() => time.GetTimestamp();

    /// <summary>A start failed.</summary>
    /// <param name="begunAt">What <see cref="Begin"/> gave.</param>
    /// <param name="reason">Why, as a sentence.</param>
    /// <returns>How long no start is tried.</returns>
    public TimeSpan Failed(long begunAt, string reason)
    {
        lock (_lock)
        {
            _reason = reason;

            // It ran at the same time as the last failed start, so it adds no information.
            if (_failed > 0 && begunAt < _failedAt)
                return _pause;
            _failed++;
            _failedAt = time.GetTimestamp();
            _pause = _failed == 1 ? TimeSpan.Zero : _failed == 2 ? FirstPause : _pause * 2 < MaxPause ? _pause * 2 : MaxPause;
            return _pause;
        }
    }

    /// <summary>A process is ready.</summary>
    /// <returns>How many starts in a row had failed before.</returns>
    public int Succeeded()
    {
        lock (_lock)
        {
            var failed = _failed;
            (_failed, _pause) = (0, TimeSpan.Zero);
            return failed;
        }
    }
}
