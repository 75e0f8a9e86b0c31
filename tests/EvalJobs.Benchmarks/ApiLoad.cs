using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Benchmarks;

/// <summary>
/// The HTTP API under load: reads of a run and creations of versions per second, each request with a key that is checked, over loopback against the real
/// server in a separate process. The client shares the machine's processors.
/// </summary>
internal static class ApiLoad
{
    private const int Connections = 32;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Measured = TimeSpan.FromSeconds(10);

    public static async Task<int> RunAsync()
    {
        await using var database = await BenchmarkDatabase.CreateAsync();
        var runId = await database.AddRunAsync(10, """{"type":"http","url":"http://127.0.0.1:1/","replyPath":"reply"}""");
        var tenantId = (await new EvaluationRunRepository(database.Database).GetAsync(runId, CancellationToken.None)).TenantId;
        await new TenantRepository(database.Database).SetPausedAsync(tenantId, true, "benchmark", CancellationToken.None);
        var keys = new CreateApiKey(new ApiKeyRepository(database.Database));
        var key = await keys.ExecuteAsync(new NewApiKey { Name = "benchmark", TenantId = tenantId, Role = ApiKeyRole.Operator }, "benchmark", CancellationToken.None);

        var url = $"http://127.0.0.1:{FreePort()}";
        using var server = BenchmarkServer.StartAt(url, database.Options, ("Api:RequestsPerSecond", "100000"), ("Api:Burst", "1000000"));
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections }) { BaseAddress = new Uri(url) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret.Text);
        await WaitAsync(http);

        var next = 0;
        await MeasureAsync("reads of a run", HttpStatusCode.OK, () => http.GetAsync($"/api/v1/runs/{runId}"));
        await MeasureAsync("creations of a version", HttpStatusCode.Created, () => http.PostAsync("/api/v1/versions", Version(Interlocked.Increment(ref next))));
        await MeasureAsync("creations with an Idempotency-Key", HttpStatusCode.Created, () =>
        {
            var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/versions") { Content = Version(Interlocked.Increment(ref next)) };
            request.Headers.Add("Idempotency-Key", $"{Guid.NewGuid()}");
            return http.SendAsync(request);
        });
        Console.WriteLine($"{server.PeakBytes / 1048576.0:0} MB peak memory of the server process");
        return 0;
    }

    private static StringContent Version(int number) => new(
        $$"""{"agent":"bot","label":"{{number}}","genome":{"target":{"type":"http","url":"http://127.0.0.1:1/","replyPath":"reply"} } }""", Encoding.UTF8, "application/json");

    private static async Task MeasureAsync(string what, HttpStatusCode expected, Func<Task<HttpResponseMessage>> send)
    {
        await RunForAsync(WarmUp, expected, send);
        var started = Stopwatch.GetTimestamp();
        var (count, wrong) = await RunForAsync(Measured, expected, send);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine($"{count / seconds:0} {what} per second over {Connections} connections{(wrong == 0 ? "" : $"; {wrong} had another status")}");
    }

    private static async Task<(int Count, int Wrong)> RunForAsync(TimeSpan time, HttpStatusCode expected, Func<Task<HttpResponseMessage>> send)
    {
        var count = 0;
        var wrong = 0;
        using var end = new CancellationTokenSource(time);
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(async _ =>
        {
            while (!end.IsCancellationRequested)
            {
                using var answer = await send();
                await answer.Content.ReadAsByteArrayAsync();
                Interlocked.Increment(ref answer.StatusCode == expected ? ref count : ref wrong);
            }
        }));
        return (count, wrong);
    }

    private static async Task WaitAsync(HttpClient http)
    {
        while (true)
        {
            try
            {
                if ((await http.GetAsync("/api/v1/me")).IsSuccessStatusCode)
                    return;
            }
            catch (HttpRequestException)
            {
                // The server does not listen yet.
            }

            await Task.Delay(200);
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
