using System.Net;

namespace EvalJobs.Server.Access;

/// <summary>Tells requests made on this machine from those that only seem to be.</summary>
internal static class LocalRequest
{
    private static readonly string[] ProxyHeaders = ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"];

    /// <returns>Whether a program on this machine made the request, and made it to this machine.</returns>
    /// <remarks>
    /// Stricter than Hangfire's filter. Behind a proxy on this machine everyone would come from loopback, so no trace of a proxy may be there,
    /// trusted or not. And a web page elsewhere can make a browser here ask for its own host name at 127.0.0.1 (DNS rebinding), so the host
    /// asked for must be loopback too.
    /// </remarks>
    public static bool Is(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && IsLoopbackHost(http.Request.Host.Host)
        && !IsForwarded(http.Request.Headers);

    /// <returns>Whether some proxy left its mark.</returns>
    public static bool IsForwarded(IHeaderDictionary headers) =>
        ProxyHeaders.Any(headers.ContainsKey)
        || headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase));

    /// <returns>Whether the name can only mean this machine.</returns>
    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
