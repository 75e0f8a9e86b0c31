using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Support;

/// <summary>How the server answers one request.</summary>
public delegate Task AgentBehaviour(HttpContext context, RecordedRequest request);

/// <summary>One request as the server received it. <c>At</c> is the time from the server's start to the complete arrival of the request, by a monotonic clock.</summary>
public sealed record RecordedRequest(string Method, string PathAndQuery, IReadOnlyDictionary<string, string> Headers, string Body, TimeSpan At)
{
    /// <summary>The body parsed.</summary>
    public JsonElement Json => JsonElement.Parse(Body);
}

/// <summary>
/// A real HTTP server on a free loopback port that acts as an agent: it behaves as scripted and records its requests. Behaviours are
/// in <see cref="Behave"/>. Safe for concurrent use; disposing it also ends behaviours without end.
/// </summary>
public sealed class TestAgentServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<RecordedRequest> _requests = new();
    private readonly ConcurrentQueue<AgentBehaviour> _script = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Lock _lock = new();
    private volatile AgentBehaviour _behaviour;
    private int _inFlight;
    private int _maxInFlight;
    private int _hangUps;
    private bool _disposed;

    private TestAgentServer(WebApplication app, AgentBehaviour behaviour)
    {
        _app = app;
        _behaviour = behaviour;
    }

    /// <summary>The address it listens on, such as <c>http://127.0.0.1:40123/</c>.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The base URL for OpenAI-compatible clients.</summary>
    public Uri OpenAiUrl => new(Url, "v1");

    /// <summary>The host that <c>AgentOptions.AllowedHosts</c> must list so that the product may call it.</summary>
    public string Host => Url.Authority;

    /// <summary>Every request so far, in order of arrival.</summary>
    public IReadOnlyList<RecordedRequest> Requests => [.. _requests];

    /// <summary>The number of requests that are being answered now.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>The highest number of requests that were being answered at the same time.</summary>
    public int MaxInFlight => Volatile.Read(ref _maxInFlight);

    /// <summary>The number of requests whose client disconnected before the answer was complete.</summary>
    public int HangUps => Volatile.Read(ref _hangUps);

    /// <summary>Starts a server that answers every request the same way; without a behaviour it replies <c>{"reply":"ok"}</c>.</summary>
    /// <param name="behaviour">How it answers.</param>
    /// <param name="certificate">If given, the server uses HTTPS with this certificate.</param>
    public static async Task<TestAgentServer> StartAsync(AgentBehaviour? behaviour = null, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(200));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen =>
            {
                if (certificate is not null)
                    listen.UseHttps(certificate);
            });
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
        });

        var server = new TestAgentServer(builder.Build(), behaviour ?? Behave.Json("""{"reply":"ok"}"""));
        server._app.Run(server.AnswerAsync);
        await server._app.StartAsync();
        server.Url = new Uri(server._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
        return server;
    }

    /// <summary>Sets the behaviour for every request after the scripted ones.</summary>
    public void Reply(AgentBehaviour behaviour) => _behaviour = behaviour;

    /// <summary>Sets the behaviours of the next requests, in order. Later requests get the behaviour set by Reply.</summary>
    public void ReplyInOrder(params AgentBehaviour[] behaviours)
    {
        foreach (var behaviour in behaviours)
            _script.Enqueue(behaviour);
    }

    /// <summary>Waits until that many requests have arrived.</summary>
    public Task WaitForRequestsAsync(int count) => Wait.UntilAsync(() => _requests.Count >= count, $"{count} requests");

    /// <summary>Waits until no request is being answered.</summary>
    public Task WaitUntilIdleAsync() => Wait.UntilAsync(() => InFlight == 0, "no request in flight");

    /// <summary>Stops listening and closes all connections. A second call does nothing.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _stopping.CancelAsync();
        await _app.DisposeAsync();
        _stopping.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        Enter();
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
            context.RequestAborted = ending.Token;

            using var reader = new StreamReader(context.Request.Body);
            var request = new RecordedRequest(
                context.Request.Method,
                context.Request.Path + context.Request.QueryString,
                context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
                await reader.ReadToEndAsync(ending.Token),
                Stopwatch.GetElapsedTime(_started));
            _requests.Enqueue(request);

            var behaviour = _script.TryDequeue(out var next) ? next : _behaviour;
            await behaviour(context, request);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            if (!_stopping.IsCancellationRequested)
                Interlocked.Increment(ref _hangUps);
            context.Abort();
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private void Enter()
    {
        lock (_lock)
        {
            var now = Interlocked.Increment(ref _inFlight);
            _maxInFlight = Math.Max(_maxInFlight, now);
        }
    }
}
