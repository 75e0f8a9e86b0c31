namespace EvalJobs.Server.Web;

/// <summary>Checks whether a page of this server sent a request.</summary>
internal static class SameOrigin
{
    /// <returns>Whether a page of this server sent the request, as far as the browser reports it. True when the browser reports nothing.</returns>
    /// <remarks>The browser's Sec-Fetch-Site comes first: behind a proxy that rewrites the host, only this header is correct.</remarks>
    public static bool Sent(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site is "same-origin" or "none";

        return request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var sender)
                && string.Equals(sender.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
