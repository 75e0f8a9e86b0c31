using System.Net;
using System.Text.RegularExpressions;
using EvalJobs.Server.Web;

namespace EvalJobs.Server.Access;

/// <summary>
/// The path that browsers see before ours, where the server is below a path of a proxy: from the setting, else from a known proxy's
/// <c>X-Forwarded-Prefix</c>. Every address we write begins with it, whether the proxy takes it off the requests it sends us or not.
/// </summary>
internal sealed partial class SitePath(RequestDelegate next, AccessOptions options)
{
    /// <summary>The header of a proxy that takes the path off.</summary>
    public const string Header = "X-Forwarded-Prefix";

    private const int MaxLength = 200;

    /// <summary>Paths of ours at the root: below one of them, a request with the prefix could not be told from one without.</summary>
    private static readonly string[] OwnRoots =
        [DashboardPaths.Root, ApiPaths.Root, "/health", SignInEndpoints.SignInPath, SignInEndpoints.AccountPath, SignInEndpoints.SignOutPath];

    private readonly IPNetwork[] _proxies = [.. options.ProxyNetworks];

    /// <returns>The path, such as <c>/evaljobs</c>; empty where the server has a host of its own. Holds within Hangfire's pages too, which move the request's path base.</returns>
    public static string Of(HttpContext http) => http.Features.Get<Feature>()?.Prefix ?? "";

    /// <returns>Whether the path can be a prefix: segments of letters, digits and <c>-._~</c>, the first of which is none of our own paths.</returns>
    public static bool IsAcceptable(string prefix) =>
        prefix.Length <= MaxLength && Prefix().IsMatch(prefix) && !prefix.Split('/').Any(segment => segment is "." or "..")
        && !OwnRoots.Any(root => new PathString(prefix).StartsWithSegments(root, StringComparison.OrdinalIgnoreCase));

    /// <summary>Call it before the forwarded headers are applied: after that the proxy's own address is gone.</summary>
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

    // Of several values the last: the nearest proxy wrote it.
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
