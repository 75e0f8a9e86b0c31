using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace EvalJobs.Tests.Telemetry;

/// <summary>The SDK as the server configures it, with a collector that is a real HTTP server.</summary>
[NonParallelizable]
public sealed class OtlpTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Server_CollectorConfigured_SendsTracesAndMetricsThere(CancellationToken cancellationToken)
    {
        await using var collector = await WebhookReceiver.StartAsync();
        var origin = new Uri(collector.Url).GetLeftPart(UriPartial.Authority);
        await using (var server = await RunningServer.StartAsync(
            ("Telemetry:OtlpEndpoint", origin), ("Telemetry:OtlpProtocol", "HttpProtobuf"), ("Execution:MaxAttempts", "1")))
        {
            await server.Some.TenantWithRunsAsync(1, cases: 1, slug: "acme", genome: Some.Genome("""{"type":"http","url":"http://127.0.0.1:9/","replyPath":"reply"}"""));
            await server.TickAsync(cancellationToken);
            server.Services.GetRequiredService<TracerProvider>().ForceFlush();
            server.Services.GetRequiredService<MeterProvider>().ForceFlush();
        }

        Received("/v1/traces").Should().Contain("tick").And.Contain("case").And.Contain("evaljobs");
        Received("/v1/metrics").Should().Contain("evaljobs.run.claimed").And.Contain("acme");

        string Received(string path) => string.Concat(collector.Posts.Where(post => post.Path == path).Select(post => post.Body));
    }

    [Test]
    [CancelAfter(60_000)]
    public async Task Server_NoCollectorConfigured_RegistersNothing(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();

        server.Services.GetService<TracerProvider>().Should().BeNull();
        server.Services.GetService<MeterProvider>().Should().BeNull();
        cancellationToken.IsCancellationRequested.Should().BeFalse();
    }
}
