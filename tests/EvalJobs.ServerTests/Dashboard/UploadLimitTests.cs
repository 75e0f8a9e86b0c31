using System.Net.Sockets;
using System.Text;
using EvalJobs.Tests.Support;

namespace EvalJobs.Tests.Server.Dashboard;

/// <summary>The number of concurrent uploads is limited.</summary>
public sealed class UploadLimitTests
{
    [Test]
    [CancelAfter(60_000)]
    public async Task Upload_MoreAtOnceThanAllowed_IsRejectedWithRetryAfter(CancellationToken cancellationToken)
    {
        await using var server = await RunningServer.StartAsync();
        await server.Some.TenantAsync("acme");

        // More uploads than may be read or wait at once; none of them ends.
        var uploads = new List<TcpClient>();
        try
        {
            for (var index = 0; index < 24; index++)
                uploads.Add(await BeginAsync(server.Url, cancellationToken));
            var answer = await await Task.WhenAny(uploads.Select(upload => ReadAsync(upload, cancellationToken)));

            answer.Should().StartWith("HTTP/1.1 503").And.Contain("Retry-After: 30").And.Contain("Too many files are being uploaded at this moment");
        }
        finally
        {
            uploads.ForEach(upload => upload.Dispose());
        }
    }

    /// <summary>Starts to send a form and then stops.</summary>
    private static async Task<TcpClient> BeginAsync(Uri server, CancellationToken cancellationToken)
    {
        var client = new TcpClient();
        await client.ConnectAsync(server.Host, server.Port, cancellationToken);
        await client.GetStream().WriteAsync(
            Encoding.ASCII.GetBytes(
                $"POST /hangfire/evaluations/suites/upload?tenant=acme HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
                + "Content-Length: 1000000\r\n\r\n--b\r\nContent-Disposition: form-data; name=file; filename=a.jsonl\r\n\r\n"),
            cancellationToken);
        return client;
    }

    private static async Task<string> ReadAsync(TcpClient client, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        var buffer = new byte[4096];
        while (!text.ToString().Contains("</html>", StringComparison.Ordinal))
        {
            var count = await client.GetStream().ReadAsync(buffer, cancellationToken);
            if (count == 0)
                break;
            text.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return text.ToString();
    }
}
