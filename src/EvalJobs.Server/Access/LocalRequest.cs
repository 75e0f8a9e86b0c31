using System.Net;

namespace EvalJobs.Server.Access;

/// <summary>Distinguishes requests from this machine from requests that only seem to come from it.</summary>
internal static class LocalRequest
{
    private static readonly string[] ProxyHeaders = ["Forwarded", "Via", "X-Real-IP", "X-Client-IP", "CF-Connecting-IP", "True-Client-IP"];

    /// <returns>Whether a program on this machine sent the request, and addressed it to this machine.</returns>
    /// <remarks>
    /// Stricter than Hangfire's filter. With a proxy on this machine every request would come from loopback, so a request with a header of any proxy,
    /// trusted or not, is not local. A web page of another site can make a browser on this machine send requests for the site's host name to
    /// 127.0.0.1 (DNS rebinding), so the requested host must be loopback, too.
    /// </remarks>
    public static bool Is(HttpContext http) =>
        http.Connection.RemoteIpAddress is { } remote && IPAddress.IsLoopback(remote)
        && IsLoopbackHost(http.Request.Host.Host)
        && !IsForwarded(http.Request.Headers);

    /// <returns>Whether the request has a header of a proxy.</returns>
    public static bool IsForwarded(IHeaderDictionary headers) =>
        ProxyHeaders.Any(headers.ContainsKey)
        || headers.Keys.Any(name => name.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase)
            || name.StartsWith("X-Original-", StringComparison.OrdinalIgnoreCase));

    /// <returns>Whether the host name can only be this machine.</returns>
    public static bool IsLoopbackHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
