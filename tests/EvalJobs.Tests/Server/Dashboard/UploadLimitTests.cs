using System.Net;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>Files on their way in are bounded in number.</summary>
public sealed class UploadLimitTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Upload_MoreAtOnceThanAreTaken_IsToldToComeBack(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        await server.Some.TenantAsync("acme");
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = 100 }) { BaseAddress = server.Url };
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);

        // More than may be read and wait together, and none of them ends.
        var uploads = Enumerable.Range(0, 24).Select(_ => http.PostAsync("/hangfire/evaluations/suites/upload?tenant=acme", new EndlessForm(), end.Token)).ToList();
        var first = await await Task.WhenAny(uploads);

        first.StatusCode.Should().Be(HttpStatusCode.ServiceUnavailable);
        first.Headers.RetryAfter.Should().NotBeNull();
        (await first.Content.ReadAsStringAsync(cancellationToken)).Should().Contain("Too many files are being uploaded at this moment");
        await end.CancelAsync();
        await Task.WhenAll(uploads.Select(upload => upload.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default)));
    }

    /// <summary>A form that begins and goes no further.</summary>
    private sealed class EndlessForm : HttpContent
    {
        public EndlessForm() => Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=b");

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            await stream.WriteAsync("--b\r\nContent-Disposition: form-data; name=file; filename=a.jsonl\r\n\r\n"u8.ToArray(), cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
