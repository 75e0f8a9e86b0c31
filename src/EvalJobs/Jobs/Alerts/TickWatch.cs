using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Notices when ticks stop, and when they come again. Not a Hangfire job: it must notice that no job runs.</summary>
internal sealed class TickWatch(
    TickAssessment ticks, TenantHealthRepository health, AlertRepository alerts, AlertOptions options, TimeProvider clock, ILogger<TickWatch> logger)
    : PeriodicService(CheckInterval, "The ticks could not be checked", logger, clock)
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(30);

    private DateTimeOffset? _watchedSince;

    /// <summary>Checks once.</summary>
    /// <returns>The phase of the alert that was raised; null when there was nothing new.</returns>
    /// <remarks>Counted from the first check: after a downtime the next tick is yet to come, and its absence is no news.</remarks>
    public async Task<AlertPhase?> CheckAsync(CancellationToken cancellationToken)
    {
        var now = await health.ReadClockAsync(cancellationToken);
        _watchedSince ??= now;
        var reason = await ticks.AssessAsync(now, _watchedSince, cancellationToken);
        return await alerts.UpdateTickAlertAsync(reason, options.ReminderInterval, cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => CheckAsync(stoppingToken);
}
