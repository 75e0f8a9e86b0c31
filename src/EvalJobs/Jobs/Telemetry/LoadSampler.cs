using EvalJobs.Data;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Telemetry;

/// <summary>Reads the tenants' load for the gauges, at a pace of its own: however often metrics are collected, the database is not asked more.</summary>
public sealed class LoadSampler(
    TenantHealthRepository health, EvaluationMetrics metrics, TelemetryOptions options, TimeProvider clock, ILogger<LoadSampler> logger) : BackgroundService
{
    private readonly RepeatedTrouble _trouble = new("The tenants' load could not be read, so the gauges keep what they had", logger, clock);

    /// <summary>Reads once, if anyone listens.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        if (metrics.WantsLoad)
            metrics.LoadIs(await health.ListLoadAsync(cancellationToken));
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.LoadInterval, clock);
        do
        {
            try
            {
                await SampleAsync(stoppingToken);
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
