using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Support;

/// <summary>An HTTP agent on loopback that answers POST /ask/{name} with the result of a function of name and input.</summary>
public sealed class LoopbackAgent : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackAgent(WebApplication app) => _app = app;

    public string Url => _app.Urls.First();

    public static async Task<LoopbackAgent> StartAsync(Func<string, string, string> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseRouting();
        app.MapPost("/ask/{name}", async (HttpContext http) =>
        {
            using var body = await JsonDocument.ParseAsync(http.Request.Body);
            var reply = answer((string)http.Request.RouteValues["name"]!, body.RootElement.GetProperty("input").GetString()!);
            await http.Response.WriteAsync(JsonSerializer.Serialize(new { reply }));
        });
        await app.StartAsync();
        return new LoopbackAgent(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
