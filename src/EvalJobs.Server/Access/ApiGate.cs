using System.Data.Common;
using System.Runtime.ExceptionServices;
using EvalJobs.Domain;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Authentication;

namespace EvalJobs.Server.Access;

/// <summary>Checks every request below <see cref="ApiPaths.Root"/>: identifies the caller by key, token or session, and answers errors as problems.</summary>
/// <remarks>Without an accepted key, token or session the answer reveals nothing, not even whether an address exists.</remarks>
internal sealed class ApiGate(AccessOptions options, AccessDirectory directory, SessionEnds ends, ILogger<ApiGate> logger)
{
    /// <summary>Passes the request on or answers it.</summary>
    public async Task InvokeAsync(HttpContext http, RequestDelegate next)
    {
        if (await RejectionAsync(http) is { } rejection)
            await rejection.WriteAsync(http);
        else
            await ApiErrors.GuardAsync(http, next, logger);
    }

    private async Task<ApiProblem?> RejectionAsync(HttpContext http)
    {
        if (!AccessGate.IsTrustedConnection(http, options))
        {
            AccessGate.LogRejected(http, logger);
            return ApiProblem.Forbidden(options.RequiresSignIn
                ? "This server is used over https only."
                : "No sign-in is configured, so the API answers on its own machine only.");
        }

        Viewer? viewer;
        try
        {
            viewer = await FindViewerAsync(http);
        }
        catch (DbException error)
        {
            logger.ApiCallerUnreadable(error);
            return ApiProblem.Unavailable();
        }

        if (viewer is null && http.GetEndpoint()?.Metadata.GetMetadata<ApiDocument>() is null)
            return ApiProblem.Unauthorized();
        if (viewer is null && options.RequiresSignIn)
            return ApiProblem.Unauthorized();
        if (viewer is null)
            return null;

        http.Features.Set(viewer);
        if (HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method))
            return null;
        if (!viewer.IsProvenByRequest && !IsOwnPage(http.Request))
            return ApiProblem.Forbidden("A session changes things from this server's own pages only; programs use a key or a token.");
        return viewer.CanOperate ? null : ApiProblem.Forbidden("This key, token or session may read, but not change anything.");
    }

    /// <summary>If a request has a key or token, only this counts: a wrong one is not replaced by the session.</summary>
    /// <exception cref="DbException">The database did not answer, so the key cannot be checked.</exception>
    private async Task<Viewer?> FindViewerAsync(HttpContext http)
    {
        if (http.Request.Headers.Authorization.Count > 0)
        {
            var answer = await http.AuthenticateAsync(ApiKeyAuthentication.Name);
            if (answer.Failure is DbException unanswered)
                ExceptionDispatchInfo.Throw(unanswered);
            return answer.Succeeded && http.Features.Get<ApiKey>() is { } key ? Viewer.Of(key)
                : options.OpenIdConnect is { TokenAudience: not null } provider && !ApiKeyAuthentication.NamesKey(http.Request)
                    && await http.AuthenticateAsync(BearerTokenSetup.Name) is { Succeeded: true } token
                    ? OpenIdConnectSetup.ViewerOfToken(token.Principal, provider)
                : null;
        }

        return options.RequiresSignIn && http.User.Identity?.IsAuthenticated == true
            && directory.ViewerOf(http.User) is { } viewer && !await ends.HasEndedAsync(http.User) ? viewer : null;
    }

    /// <summary>
    /// Browsers send cookies with requests of other sites, too. They also report which site sent the request; without this report the request is not
    /// trusted.
    /// </summary>
    private static bool IsOwnPage(HttpRequest request) =>
        (request.Headers["Sec-Fetch-Site"].Count > 0 || request.Headers.Origin.Count > 0) && request.Headers["Sec-Fetch-Site"] != "none" && SameOrigin.Sent(request);
}

/// <summary>Marks the documentation of the API, which contains no data: if no sign-in is configured, requests from this machine need no key for it.</summary>
internal sealed class ApiDocument;
