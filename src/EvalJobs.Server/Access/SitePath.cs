using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>
/// The path that browsers see before the server's paths, when the server is below a path of a proxy: from the setting, or else from a known proxy's
/// <c>X-Forwarded-Prefix</c>. Every address in the server's answers begins with it, whether the proxy removes it from requests or not.
/// </summary>
internal sealed partial class SitePath(RequestDelegate next, AccessOptions options)
{
    /// <summary>The header of a proxy that removes the path.</summary>
    public const string Header = "X-Forwarded-Prefix";

    private const int MaxLength = 200;

    /// <summary>
    /// Paths of the server at the root. If the prefix began with one of them, a request with the prefix could not be distinguished from one without.
    /// </summary>
    private static readonly string[] OwnRoots =
        [DashboardPaths.Root, ApiPaths.Root, "/health", SignInEndpoints.SignInPath, SignInEndpoints.AccountPath, SignInEndpoints.SignOutPath];

    private readonly IPNetwork[] _proxies = [.. options.ProxyNetworks];

    /// <returns>
    /// The path, such as <c>/evaljobs</c>; empty when the server has its own host. It is also correct within Hangfire's pages, which change the path
    /// base of the request.
    /// </returns>
    public static string Of(HttpContext http) => http.Features.Get<Feature>()?.Prefix ?? "";

    /// <returns>Whether the path can be a prefix: segments of letters, digits and <c>-._~</c>, the first of which is not a path of the server.</returns>
    public static bool IsAcceptable(string prefix) =>
        prefix.Length <= MaxLength && Prefix().IsMatch(prefix) && !prefix.Split('/').Any(segment => segment is "." or "..")
        && !OwnRoots.Any(root => new PathString(prefix).StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    /// <summary>Call it before the forwarded headers are applied, because they replace the proxy's own address.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        var prefix = options.PathBase ?? Forwarded(http) ?? "";
        http.Features.Set(new Feature(prefix, options.PathBase is null));
        if (prefix.Length > 0)
        {
            var request = http.Request;
            request.PathBase = prefix;
            if (request.Path.StartsWithSegments(prefix, StringComparison.OrdinalIgnoreCase, out var rest))
                request.Path = rest;
        }

        return next(http);
    }

    /// <returns>Whether the prefix differs from request to request.</returns>
    internal static bool IsForwarded(HttpContext http) => http.Features.Get<Feature>() is { IsForwarded: true, Prefix.Length: > 0 };

    // Of several values the last one, because the nearest proxy wrote it.
    private string? Forwarded(HttpContext http) =>
        _proxies.Length > 0 && http.Request.Headers[Header].ToString() is { Length: > 0 and <= 2000 } header
        && http.Connection.RemoteIpAddress is { } remote && _proxies.Any(proxy => proxy.Contains(remote.IsIPv4MappedToIPv6 ? remote.MapToIPv4() : remote))
        && header.Split(',')[^1].Trim().TrimEnd('/') is { Length: > 0 } prefix && IsAcceptable(prefix)
            ? prefix
            : null;

    [GeneratedRegex(@"^(/[A-Za-z0-9._~-]+)+$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Prefix();

    private sealed record Feature(string Prefix, bool IsForwarded);
}
