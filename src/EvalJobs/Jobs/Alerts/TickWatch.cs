using EvalJobs.Data;
using EvalJobs.Domain;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Alerts;

/// <summary>Notices when ticks stop, and when they go on. Not a Hangfire job: it must notice that no job runs.</summary>
public sealed class TickWatch(
    TickJudge ticks, TenantHealthRepository health, AlertRepository alerts, AlertOptions options, TimeProvider clock,
    ILogger<TickWatch> logger) : BackgroundService
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(30);

    private readonly RepeatedTrouble _trouble = new("Whether ticks come could not be seen", logger, clock);
    private DateTimeOffset? _watchedSince;

    /// <summary>Looks once.</summary>
    /// <returns>What was said; null when nothing new was to be.</returns>
    /// <remarks>Counted from the first look: after a downtime the next tick is yet to come, and its absence is no news.</remarks>
    public async Task<AlertPhase?> LookAsync(CancellationToken cancellationToken)
    {
        var now = await health.ReadClockAsync(cancellationToken);
        _watchedSince ??= now;
        var trouble = await ticks.JudgeAsync(now, _watchedSince, cancellationToken);
        return await alerts.JudgeTickAsync(trouble, options.ReminderInterval, cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(LookInterval, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
                _trouble.Over();
            }
            catch (Exception error) when (!stoppingToken.IsCancellationRequested)
            {
                _trouble.Note(error);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
