using EvalJobs.Execution.Telemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace EvalJobs.Server.Observability;

/// <summary>Sends logs to the console, and traces and metrics to an OpenTelemetry collector if one is configured.</summary>
internal static class TelemetrySetup
{
    private const string EndpointKey = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const string ProtocolKey = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>One line per event with its scopes, or one JSON object per event when <c>Logging:Console:FormatterName</c> is <c>json</c>.</summary>
    public static WebApplicationBuilder AddConsoleLog(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        if (string.Equals(builder.Configuration["Logging:Console:FormatterName"], "json", StringComparison.OrdinalIgnoreCase))
        {
            builder.Logging.AddJsonConsole(console =>
            {
                console.IncludeScopes = true;
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
            return builder;
        }

        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.IncludeScopes = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        return builder;
    }

    /// <summary>Registers the OpenTelemetry SDK if a collector is configured. Otherwise nothing listens, and no spans or measurements are created.</summary>
    /// <remarks>HTTP clients are not instrumented, because URLs of agents may contain private data.</remarks>
    public static WebApplicationBuilder AddTelemetry(this WebApplicationBuilder builder, TelemetryOptions options)
    {
        // Passed on under the standard names, so that the SDK completes paths and ports as its documentation says.
        if (options.OtlpEndpoint is { } endpoint)
            builder.Configuration[EndpointKey] = endpoint;
        if (options.OtlpProtocol is { } protocol)
            builder.Configuration[ProtocolKey] = protocol == OtlpProtocol.Grpc ? "grpc" : "http/protobuf";
        if (string.IsNullOrEmpty(builder.Configuration[EndpointKey]))
            return builder;

        builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService(builder.Configuration["OTEL_SERVICE_NAME"] ?? "evaljobs"))
            .WithTracing(traces => traces.AddSource(EvaluationTrace.SourceName).AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter(EvaluationMetrics.MeterName, "System.Runtime").AddOtlpExporter());
        return builder;
    }
}
