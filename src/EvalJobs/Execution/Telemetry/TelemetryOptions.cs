using System.ComponentModel.DataAnnotations;

namespace EvalJobs.Execution.Telemetry;

/// <summary>Where traces and metrics go, and how finely. Section <c>EvalJobs:Telemetry</c>.</summary>
internal sealed record TelemetryOptions : IValidatableObject
{
    /// <summary>
    /// The OpenTelemetry collector, such as <c>http://localhost:4317</c>. Default: the standard <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>;
    /// without either nothing is collected and nothing is sent.
    /// </summary>
    public string? OtlpEndpoint { get; init; }

    /// <summary>The protocol of the collector. Default: the standard <c>OTEL_EXPORTER_OTLP_PROTOCOL</c>, else gRPC.</summary>
    public OtlpProtocol? OtlpProtocol { get; init; }

    /// <summary>
    /// The number of tenants measured by name: the first ones that this process works for. All others are measured together as <c>(other)</c>.
    /// Default 100, 0 to 10000.
    /// </summary>
    [Range(0, 10_000)]
    public int MaxTenants { get; init; } = 100;

    /// <summary>How often the tenants' load is read for the gauges while someone listens. Default 30 seconds, 5 seconds to 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "01:00:00")]
    public TimeSpan LoadInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (OtlpEndpoint is not null
            && (!Uri.TryCreate(OtlpEndpoint, UriKind.Absolute, out var url) || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps)))
            yield return new("expected an absolute http or https URL, such as http://localhost:4317.", [nameof(OtlpEndpoint)]);
    }
}

/// <summary>The protocols of an OpenTelemetry collector.</summary>
internal enum OtlpProtocol
{
    /// <summary>gRPC, usually port 4317.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP, usually port 4318.</summary>
    HttpProtobuf,
}
