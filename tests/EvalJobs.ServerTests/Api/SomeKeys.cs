using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using EvalJobs.Application;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace EvalJobs.Tests.Server.Api;

/// <summary>Keys of a running server, and clients that send them.</summary>
internal static class SomeKeys
{
    private static int _next;

    /// <param name="server">The server.</param>
    /// <param name="role">The role of the key.</param>
    /// <param name="tenant">The tenant of the key; null for an admin key.</param>
    /// <returns>The key with its secret.</returns>
    public static Task<CreatedApiKey> KeyAsync(this RunningServer server, ApiKeyRole role, Tenant? tenant = null) =>
        server.Services.GetRequiredService<CreateApiKey>().ExecuteAsync(
            new NewApiKey { Name = $"key-{Interlocked.Increment(ref _next)}", TenantId = tenant?.Id, Role = role }, "test", CancellationToken.None);

    /// <returns>An HTTP client that sends this secret with every request.</returns>
    public static HttpClient Program(this RunningServer server, string? secret)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { BaseAddress = server.Url };
        if (secret is not null)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", secret);
        return http;
    }

    public static async Task<HttpClient> ProgramAsync(this RunningServer server, ApiKeyRole role, Tenant? tenant = null) =>
        server.Program((await server.KeyAsync(role, tenant)).Secret.Text);
}

/// <summary>An answer of the API that was read completely.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Text">The body.</param>
/// <param name="Message">The response message, for its headers.</param>
internal sealed record ApiReply(int Status, string Text, HttpResponseMessage Message)
{
    public JsonElement Json => JsonElement.Parse(Text);

    public string? Tag => Message.Headers.ETag?.ToString();

    public bool IsRepeated => Message.Headers.Contains("Idempotency-Replayed");
}

/// <summary>Sends requests as programs do.</summary>
internal static class ApiRequests
{
    public static Task<ApiReply> GetReplyAsync(this HttpClient program, string path, params (string Name, string Value)[] headers) => SendAsync(program, HttpMethod.Get, path, null, headers);

    public static Task<ApiReply> PostJsonAsync(this HttpClient program, string path, string? json, params (string Name, string Value)[] headers) =>
        SendAsync(program, HttpMethod.Post, path, json, headers);

    public static async Task<ApiReply> SendAsync(this HttpClient program, HttpMethod method, string path, string? json, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith('/') ? path : $"/api/v1/{path}");
        if (json is not null)
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        foreach (var (name, value) in headers)
        {
            if (name == "Content-Type")
                request.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(value);
            else
                request.Headers.TryAddWithoutValidation(name, value);
        }

        var answer = await program.SendAsync(request);
        return new ApiReply((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }
}
