using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Support;

/// <summary>A real HTTP server on loopback that records what is posted to it and answers as the test sets.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;

    private WebhookReceiver(WebApplication app) => _app = app;

    /// <summary>Status of the next answers.</summary>
    public int Status { get; set; } = 200;

    /// <summary>Text of the next answers.</summary>
    public string AnswerBody { get; set; } = "";

    /// <summary>Every post, whatever the answer was.</summary>
    public ConcurrentQueue<(string Path, string Body, IHeaderDictionary Headers)> Posts { get; } = new();

    public string Url => $"{_app.Urls.First()}/hook/very-secret-path";

    public IEnumerable<string> Bodies => Posts.Select(post => post.Body);

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        var receiver = new WebhookReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        // A copy, because Kestrel reuses its own dictionary for the next request.
        Posts.Enqueue((http.Request.Path, await reader.ReadToEndAsync(), new HeaderDictionary(http.Request.Headers.ToDictionary(StringComparer.OrdinalIgnoreCase))));
        http.Response.StatusCode = Status;
        if (Status is >= 300 and < 400)
            http.Response.Headers.Location = "/elsewhere";
        await http.Response.WriteAsync(AnswerBody);
    }
}
