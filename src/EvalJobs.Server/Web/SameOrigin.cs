namespace EvalJobs.Server.Web;

/// <summary>Whether one of our own pages sent a request.</summary>
internal static class SameOrigin
{
    /// <returns>Whether the browser says, or does not deny, that one of our own pages sent the request.</returns>
    /// <remarks>The browser's own judgement first: behind a proxy that rewrites the host it is the only one that fits.</remarks>
    public static bool Sent(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"].ToString() is { Length: > 0 } site)
            return site is "same-origin" or "none";

        return request.Headers.Origin.ToString() is not { Length: > 0 } origin
            || (Uri.TryCreate(origin, UriKind.Absolute, out var sender)
                && string.Equals(sender.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
