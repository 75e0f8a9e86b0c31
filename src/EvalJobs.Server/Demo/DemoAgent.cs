using System.Globalization;
using System.Text.Json;

namespace EvalJobs.Server.Demo;

/// <summary>A small agent on loopback. It adds numbers, and subtracts wrongly if its prompt asks it to be careless.</summary>
internal sealed class DemoAgent : IAsyncDisposable
{
    private readonly WebApplication _app;

    private DemoAgent(WebApplication app) => _app = app;

    /// <summary>Its address, such as <c>http://127.0.0.1:40213</c>.</summary>
    public string Url => _app.Urls.First();

    public static async Task<DemoAgent> StartAsync(CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.UseRouting();
        app.MapPost("/ask", async (HttpContext http) =>
        {
            using var question = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var input = question.RootElement.GetProperty("input").GetString() ?? "";
            var isCareless = question.RootElement.TryGetProperty("careless", out var careless) && careless.ValueKind == JsonValueKind.True;
            var reply = JsonSerializer.Serialize(new { reply = Answer(input, isCareless), inputTokens = input.Length / 4, outputTokens = 8 });
            http.Response.ContentType = "application/json";
            await http.Response.WriteAsync(reply, http.RequestAborted);
        });
        await app.StartAsync(cancellationToken);
        return new DemoAgent(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static string Answer(string input, bool isCareless)
    {
        var words = input.TrimEnd('?').Split(' ');
        var numbers = words.Select(word => long.TryParse(word, CultureInfo.InvariantCulture, out var number) ? number : (long?)null)
            .OfType<long>().ToList();
        var isMinus = words.Contains("minus");
        var result = numbers.Count < 2 ? 0 : isMinus && !isCareless ? numbers[0] - numbers[1] : numbers[0] + numbers[1];
        return $"Let me work it out. The answer is {result}.";
    }
}
