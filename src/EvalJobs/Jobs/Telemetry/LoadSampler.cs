using EvalJobs.Data;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs.Telemetry;

/// <summary>Reads the tenants' load for the gauges, at a fixed interval, even if metrics are collected more often.</summary>
internal sealed class LoadSampler(
    TenantHealthRepository health, EndpointOutageRepository endpoints, EvaluationMetrics metrics, TelemetryOptions options, TimeProvider clock, ILogger<LoadSampler> logger)
    : PeriodicService(options.LoadInterval, "The tenants' load could not be read and the gauges keep their last figures", logger, clock)
{
    /// <summary>Reads once, if the gauges are listened to.</summary>
    public async Task SampleAsync(CancellationToken cancellationToken)
    {
        if (metrics.WantsLoad)
            metrics.LoadIs(await health.ListLoadAsync(cancellationToken), await endpoints.ListAsync(cancellationToken));
    }

    /// <inheritdoc/>
    protected override Task RunOnceAsync(CancellationToken stoppingToken) => SampleAsync(stoppingToken);
}
