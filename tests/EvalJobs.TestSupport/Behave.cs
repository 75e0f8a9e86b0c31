using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EvalJobs.Tests.Support;

/// <summary>Ways a <see cref="TestAgentServer"/> can behave, from correct to hostile.</summary>
public static class Behave
{
    /// <summary>200 with this JSON.</summary>
    public static AgentBehaviour Json(string json) => Text(json, "application/json");

    /// <summary>200 with this text.</summary>
    public static AgentBehaviour Text(string text, string contentType = "text/plain; charset=utf-8") => async (context, _) =>
    {
        context.Response.ContentType = contentType;
        await context.Response.WriteAsync(text, context.RequestAborted);
    };

    /// <summary>200 with a JSON reply made from the request.</summary>
    public static AgentBehaviour Json(Func<RecordedRequest, string> reply) => (context, request) => Json(reply(request))(context, request);

    /// <summary>Answers "answer N" to "question N", which is right for <see cref="Some.Cases"/>; the reply is at "reply".</summary>
    public static AgentBehaviour RightAnswer { get; } = Json(
        request => $$"""{"reply":"{{Question(request).Replace("question", "answer", StringComparison.Ordinal)}}"}""");

    /// <returns>The question in the request.</returns>
    public static string Question(RecordedRequest request) => request.Json.GetProperty("input").GetString()!;

    /// <summary>Any status, with a body and headers.</summary>
    public static AgentBehaviour Status(int status, string body = "", params (string Name, string Value)[] headers) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        await context.Response.WriteAsync(body, context.RequestAborted);
    };

    /// <summary>429 with Retry-After in seconds.</summary>
    public static AgentBehaviour TooManyRequests(int retryAfterSeconds) =>
        Status(429, "slow down", ("Retry-After", retryAfterSeconds.ToString(CultureInfo.InvariantCulture)));

    /// <summary>A redirect.</summary>
    public static AgentBehaviour Redirect(string location, int status = 302) => Status(status, "", ("Location", location));

    /// <summary>A chat completion, as OpenAI sends it.</summary>
    public static AgentBehaviour Chat(string content, long? inputTokens = null, long? outputTokens = null) =>
        ChatMessage(JsonSerializer.Serialize(new { role = "assistant", content }), "stop", inputTokens, outputTokens);

    /// <summary>A chat completion with this message object.</summary>
    public static AgentBehaviour ChatMessage(string messageJson, string finishReason, long? inputTokens = null, long? outputTokens = null)
    {
        var usage = inputTokens is null ? "" : string.Create(CultureInfo.InvariantCulture,
            $$""","usage":{"prompt_tokens":{{inputTokens}},"completion_tokens":{{outputTokens}},"total_tokens":{{inputTokens + outputTokens}}}""");
        return Json($$"""
            {"id":"c1","object":"chat.completion","created":1700000000,"model":"test-model",
             "choices":[{"index":0,"message":{{messageJson}},"finish_reason":"{{finishReason}}"}]{{usage}}}
            """);
    }

    /// <summary>Returns everything it was sent as text: headers and body.</summary>
    public static AgentBehaviour Echo(int status = 200) => async (context, request) =>
    {
        context.Response.StatusCode = status;
        var headers = string.Join('\n', request.Headers.Select(header => $"{header.Key}: {header.Value}"));
        await context.Response.WriteAsync($"{headers}\n\n{request.Body}", context.RequestAborted);
    };

    /// <summary>Closes the connection without a response.</summary>
    public static AgentBehaviour Cut() => (context, _) =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    /// <summary>Sends less than its Content-Length, then closes the connection.</summary>
    public static AgentBehaviour CutInTheMiddle() => async (context, _) =>
    {
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("""{"reply":"half""", context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
        context.Abort();
    };

    /// <summary>Reads the question and sends nothing until the client disconnects.</summary>
    public static AgentBehaviour Never() => (context, _) => Task.Delay(Timeout.Infinite, context.RequestAborted);

    /// <summary>Waits, then does what the given behaviour does.</summary>
    public static AgentBehaviour After(TimeSpan delay, AgentBehaviour behaviour) => async (context, request) =>
    {
        await Task.Delay(delay, context.RequestAborted);
        await behaviour(context, request);
    };

    /// <summary>Sends one byte every 20 ms without end.</summary>
    public static AgentBehaviour Drip() => async (context, _) =>
    {
        while (true)
        {
            await context.Response.Body.WriteAsync("x"u8.ToArray(), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(20, context.RequestAborted);
        }
    };

    /// <summary>Sends as fast as the client reads, without end.</summary>
    public static AgentBehaviour Endless(int status = 200) => async (context, _) =>
    {
        context.Response.StatusCode = status;
        var chunk = Encoding.ASCII.GetBytes(new string('x', 8 * 1024));
        while (true)
            await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
    };

    /// <summary>A body of this size with the correct Content-Length.</summary>
    public static AgentBehaviour Huge(int bytes) => async (context, _) =>
    {
        context.Response.ContentLength = bytes;
        await context.Response.WriteAsync(new string('x', bytes), context.RequestAborted);
    };

    /// <summary>A small gzip body that decompresses to this many bytes.</summary>
    public static AgentBehaviour Gzip(int unfoldedBytes) => async (context, _) =>
    {
        using var body = new MemoryStream();
        await using (var gzip = new GZipStream(body, CompressionLevel.SmallestSize, leaveOpen: true))
            gzip.Write(Encoding.ASCII.GetBytes(new string('x', unfoldedBytes)));
        context.Response.Headers.ContentEncoding = "gzip";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body.ToArray(), context.RequestAborted);
    };
}
