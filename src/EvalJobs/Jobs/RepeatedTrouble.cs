using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Tells the log of a trouble that a loop meets again and again: in full when it begins, in one line now and then while it lasts, and
/// when it is over.
/// </summary>
/// <param name="what">What does not work, as the beginning of a sentence.</param>
/// <param name="logger">The loop's own.</param>
/// <param name="clock">Tells how long it lasts.</param>
/// <remarks>For one loop: attempts follow each other.</remarks>
public sealed class RepeatedTrouble(string what, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(15);

    private long _began;
    private long _lastTold;
    private int _attempts;
    private TimeSpan _pause;

    /// <summary>An attempt failed. The loop tries again.</summary>
    public void Note(Exception error)
    {
        if (++_attempts == 1)
        {
            _began = _lastTold = clock.GetTimestamp();
            _pause = FirstPause;
            logger.LogWarning(error, "{Trouble}; trying again", what);
        }
        else if (clock.GetElapsedTime(_lastTold) >= _pause)
        {
            _lastTold = clock.GetTimestamp();
            _pause = _pause * 2 < MaxPause ? _pause * 2 : MaxPause;
            logger.LogWarning("{Trouble} for {Seconds:0} s now, in {Attempts} attempts; trying again. The last error: {Error}", what, LastedSeconds, _attempts, error.Message);
        }
    }

    /// <summary>An attempt succeeded.</summary>
    public void Over()
    {
        if (_attempts > 0)
            logger.LogInformation("{Trouble} for {Seconds:0} s, in {Attempts} attempts; that is over", what, LastedSeconds, _attempts);
        _attempts = 0;
    }

    private double LastedSeconds => clock.GetElapsedTime(_began).TotalSeconds;
}
