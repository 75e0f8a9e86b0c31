using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Logs an outage that a loop has at every attempt: in full when it begins, in one line now and then while it lasts, and once when
/// the loop has recovered.
/// </summary>
/// <param name="failure">What fails, as the beginning of a sentence.</param>
/// <param name="logger">The loop's own.</param>
/// <param name="clock">Measures how long the outage lasts.</param>
/// <remarks>For one loop, whose attempts run one after another.</remarks>
internal sealed partial class OutageLog(string failure, ILogger logger, TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(15);

    private long _began;
    private long _lastLogged;
    private int _attempts;
    private TimeSpan _pause;

    private double ElapsedSeconds => clock.GetElapsedTime(_began).TotalSeconds;

    /// <summary>An attempt failed. The loop tries again.</summary>
    public void Failed(Exception error)
    {
        if (++_attempts == 1)
        {
            _began = _lastLogged = clock.GetTimestamp();
            _pause = FirstPause;
            LogBegan(logger, error, failure);
        }
        else if (clock.GetElapsedTime(_lastLogged) >= _pause)
        {
            _lastLogged = clock.GetTimestamp();
            _pause = _pause * 2 < MaxPause ? _pause * 2 : MaxPause;
            LogLasts(logger, failure, ElapsedSeconds, _attempts, error.Message);
        }
    }

    /// <summary>An attempt succeeded.</summary>
    public void Recovered()
    {
        if (_attempts > 0)
            LogRecovered(logger, failure, ElapsedSeconds, _attempts);
        _attempts = 0;
    }

    [LoggerMessage(1700, LogLevel.Warning, "{Failure}; trying again")]
    private static partial void LogBegan(ILogger logger, Exception error, string failure);

    [LoggerMessage(1701, LogLevel.Warning, "{Failure} for {Seconds:0} s, in {Attempts} attempts; trying again. Last error: {Error}")]
    private static partial void LogLasts(ILogger logger, string failure, double seconds, int attempts, string error);

    [LoggerMessage(1702, LogLevel.Information, "{Failure} for {Seconds:0} s, in {Attempts} attempts; recovered")]
    private static partial void LogRecovered(ILogger logger, string failure, double seconds, int attempts);
}
