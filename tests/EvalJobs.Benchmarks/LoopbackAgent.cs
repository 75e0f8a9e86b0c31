using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Benchmarks;

/// <summary>An agent on loopback that answers at once: "answer N" to "question N".</summary>
internal static class LoopbackAgent
{
    public static async Task<WebApplication> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync();
        return app;
    }

    private static async Task AnswerAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        var reply = body.RootElement.GetProperty("input").GetString()!.Replace("question", "answer", StringComparison.Ordinal);
        await http.Response.WriteAsync($$"""{"reply":"{{reply}}"}""");
    }
}
