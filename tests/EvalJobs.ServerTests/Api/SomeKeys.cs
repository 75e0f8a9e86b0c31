using System.Net.Http.Headers;
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
    /// <param name="role">What it may do.</param>
    /// <param name="tenant">Its tenant; null for an admin key.</param>
    /// <returns>The key with its secret.</returns>
    public static Task<CreatedApiKey> KeyAsync(this RunningServer server, ApiKeyRole role, Tenant? tenant = null) =>
        server.Services.GetRequiredService<CreateApiKey>().ExecuteAsync(
            new NewApiKey { Name = $"key-{Interlocked.Increment(ref _next)}", TenantId = tenant?.Id, Role = role }, "test", CancellationToken.None);

    /// <returns>A program that sends this secret with every request.</returns>
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
