using Microsoft.Net.Http.Headers;

namespace EvalJobs.Server.Access;

/// <summary>Adds the security headers to every response, errors included.</summary>
internal sealed class SecurityHeaders(RequestDelegate next)
{
    /// <summary>
    /// Allows only the server's own files. The only hash is that of the empty string, because Hangfire's page of a job writes <c>style=""</c>.
    /// </summary>
    public const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-hashes' 'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='; "
        + "img-src 'self'; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private static readonly object OwnStyles = new();

    /// <summary>Allows inline style sheets in this answer.</summary>
    /// <param name="http">The request.</param>
    /// <param name="sources">The allowed style sheets, as nonces and hashes of the policy.</param>
    public static void AllowStyle(HttpContext http, string sources) => http.Items[OwnStyles] = sources;

    /// <summary>Sets the headers just before the response starts, because an error page removes headers that were set earlier.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        http.Response.OnStarting(() =>
        {
            var headers = http.Response.Headers;
            headers.ContentSecurityPolicy = http.Items[OwnStyles] is string styles
                ? ContentSecurityPolicy.Replace("style-src 'self'", $"style-src 'self' {styles}", StringComparison.Ordinal)
                : ContentSecurityPolicy;
            headers.XContentTypeOptions = "nosniff";
            headers.XFrameOptions = "DENY";
            headers["Referrer-Policy"] = "same-origin";
            headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
            headers["Cross-Origin-Opener-Policy"] = "same-origin";
            headers["Cross-Origin-Resource-Policy"] = "same-origin";

            // On loopback, other programs may serve plain http with the same host name.
            if (http.Request.IsHttps && !LocalRequest.IsLoopbackHost(http.Request.Host.Host))
                headers.StrictTransportSecurity = "max-age=31536000";
            if (!IsStyleScriptOrFont(http.Response.ContentType))
                headers[HeaderNames.CacheControl] = "no-store";
            return Task.CompletedTask;
        });
        return next(http);
    }

    private static bool IsStyleScriptOrFont(string? type) =>
        type is "text/css" or "text/javascript" or "application/javascript" or "image/svg+xml" || type?.StartsWith("font/", StringComparison.Ordinal) == true;
}
