using System.Data.Common;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http.Features;

namespace EvalJobs.Server.Access;

/// <summary>
/// Checks every request before the rest of the server: identifies its user, and rejects what the user may not see or do. A request that passes has a
/// <see cref="Viewer"/>, except at endpoints for everyone and at the sign-in.
/// </summary>
internal sealed class AccessGate(RequestDelegate next, AccessOptions options, AccessDirectory directory, SessionEnds ends, ApiGate api, ILogger<AccessGate> logger)
{
    /// <summary>Passes the request on or answers it.</summary>
    public async Task InvokeAsync(HttpContext http)
    {
        // This check is the first, because the rules for pages do not apply below this path, not even to an unknown address.
        if (ApiPaths.Covers(http.Request.Path))
        {
            await api.InvokeAsync(http, next);
            return;
        }

        var endpoint = http.GetEndpoint()?.Metadata;
        if (endpoint?.GetMetadata<IAllowAnonymous>() is not null)
        {
            await next(http);
            return;
        }

        if (!IsTrustedConnection(http, options))
        {
            await RejectConnectionAsync(http);
            return;
        }

        Viewer? viewer;
        try
        {
            viewer = options.RequiresSignIn ? await SignedInAsync(http) : Viewer.Local;
        }
        catch (DbException error)
        {
            logger.SessionsUnreadable(error);
            await AccessPages.NoticeAsync(
                http, StatusCodes.Status503ServiceUnavailable, "The database did not answer", "The server could not check whether your session has ended. Try again in a moment.");
            return;
        }

        if (viewer is not null)
            http.Features.Set(viewer);

        var below = http.Request.Path.StartsWithSegments(DashboardPaths.Root, StringComparison.OrdinalIgnoreCase, out var rest);
        if (endpoint?.GetMetadata<ISignInEndpoint>() is not null || (below && HttpMethods.IsGet(http.Request.Method) && HangfirePages.IsAsset(rest)))
            await next(http);
        else if (viewer is null)
            await AskToSignInAsync(http);
        else if (await FindErrorAsync(http, viewer, below, rest) is { } error)
            await AccessPages.NoticeAsync(http, error.Status, error.Title, error.Message);
        else
            await next(http);
    }

    /// <summary>Passwords and sessions are sent only with encryption. Without sign-in, only requests from this machine are allowed.</summary>
    internal static bool IsTrustedConnection(HttpContext http, AccessOptions options) => (options.RequiresSignIn && http.Request.IsHttps) || LocalRequest.Is(http);

    private async Task<Viewer?> SignedInAsync(HttpContext http) =>
        http.User.Identity?.IsAuthenticated == true && directory.ViewerOf(http.User) is { } viewer && !await ends.HasEndedAsync(http.User) ? viewer : null;

    private static async Task<(int Status, string Title, string Message)?> FindErrorAsync(HttpContext http, Viewer viewer, bool below, PathString rest)
    {
        var method = http.Request.Method;
        var isRead = HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

        // Hangfire's commands accept any method with a form, but the antiforgery check covers only POST.
        if (below && !HttpMethods.IsPost(method) && (!isRead || http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true))
            return (StatusCodes.Status405MethodNotAllowed, "Not allowed", "The dashboard answers GET without a body, and POST.");
        if (below && HangfirePages.IsStats(rest) && !HttpMethods.IsPost(method))
            return (StatusCodes.Status405MethodNotAllowed, "Not allowed", "The dashboard's script asks for its figures with POST.");
        var isPoll = below && HangfirePages.IsStats(rest) && http.Request.HasFormContentType;
        if (below && !viewer.SeesEverything && !HangfirePages.IsOurs(rest)
            && !(isPoll && HangfirePages.RequestsOurMetrics(await http.Request.ReadFormAsync(http.RequestAborted))))
            return (StatusCodes.Status403Forbidden, "For users of all tenants only", "This page shows every tenant's jobs, and you may see some tenants only.");
        if (!isRead && !viewer.CanOperate && !isPoll && http.GetEndpoint()?.Metadata.GetMetadata<ReaderEndpoint>() is null)
            return (StatusCodes.Status403Forbidden, "Read only", "You may read, but not change anything. An operator can do this.");
        return null;
    }

    private async Task RejectConnectionAsync(HttpContext http)
    {
        // The usual cause is a proxy that is not in the settings. The reason is in the log, for the administrator, and not in the answer.
        LogRejected(http, logger);
        await AccessPages.NoticeAsync(http, StatusCodes.Status403Forbidden, "Not allowed from here", options.RequiresSignIn
            ? "This server is used over https only."
            : "No sign-in is configured, so the dashboard answers on its own machine only.");
    }

    internal static void LogRejected(HttpContext http, ILogger logger) => logger.ConnectionRejected(
        http.Connection.RemoteIpAddress, http.Request.Host.Host, http.Request.Scheme, LocalRequest.IsForwarded(http.Request.Headers),
        $"If it came through your proxy, name it in {AccessOptions.Section}:KnownProxies.");

    private static async Task AskToSignInAsync(HttpContext http)
    {
        // Scripts that poll get a plain 401. A user who opens a page is redirected to the sign-in form. A user who has sent a form must not lose the typed values.
        var request = http.Request;
        var isPerson = request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);
        if (isPerson && HttpMethods.IsGet(request.Method))
            http.Response.Redirect(SignInEndpoints.SignInUrl(http, $"{request.PathBase}{request.Path}{request.QueryString}"));
        else if (isPerson && HttpMethods.IsPost(request.Method))
        {
            await AccessPages.NoticeAsync(
                http, StatusCodes.Status401Unauthorized, "Your session has ended",
                "Nothing was changed. Sign in in another tab, then go back here and send the form again.");
        }
        else
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
    }
}
