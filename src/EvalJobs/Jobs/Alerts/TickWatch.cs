using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Notices when ticks stop, and when they run again. Not a Hangfire job, because it must notice that no job runs.</summary>
internal sealed class TickWatch(
    TickAssessment ticks, ClockWatch clocks, DispatchRepository dispatches, AlertRepository alerts, AlertOptions options, TimeProvider clock, ILogger<TickWatch> logger)
    : PeriodicService(CheckInterval, "The ticks could not be checked", logger, clock)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private DateTimeOffset? _watchedSince;
    private TimeSpan _setBy;

    /// <summary>How the clock was set back, and the latest tick before that was noticed; null when it was not, or when a tick has run since.</summary>
    private (string Reason, long LastTickId)? _setBack;

    /// <summary>Checks once.</summary>
    /// <returns>The phase of the alert that was raised; null when there was nothing new.</returns>
    /// <remarks>
    /// Counted from the first check: after a downtime the next tick is not due yet, and its absence is not a problem. When the clock is set back,
    /// the count begins again, and the alert lasts until the next tick.
    /// </remarks>
    public async Task<AlertPhase?> CheckAsync(CancellationToken cancellationToken)
    {
        var reading = await clocks.ReadAsync(cancellationToken);
        var lastTickId = await dispatches.ListAsync(1, cancellationToken) is [var last] ? last.Id : 0;
        var step = reading.SetBy - _setBy;
        _setBy = reading.SetBy;
        if (step < TimeSpan.Zero)
        {
            _watchedSince = reading.Now;
            _setBack = ($"The clock was set back by {-step:d\\.hh\\:mm\\:ss}: it is {reading.Now:yyyy-MM-dd HH:mm:ss} UTC now. Ticks follow the new time.", lastTickId);
        }
        else if (_setBack is { } setBack && lastTickId > setBack.LastTickId)
        {
            _setBack = null;
        }

        _watchedSince ??= reading.Now;
        var reason = await ticks.AssessAsync(reading.Now, _watchedSince, cancellationToken) ?? _setBack?.Reason;
        return await alerts.UpdateTickAlertAsync(reason, new TickAlertRule(options.ReminderInterval), cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => CheckAsync(stoppingToken);
}
