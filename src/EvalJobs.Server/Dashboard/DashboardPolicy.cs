using EvalJobs.Server.Access;
using EvalJobs.Server.Web;
using Microsoft.AspNetCore.Authorization;

namespace EvalJobs.Server.Dashboard;

/// <summary>The authorization policies of our endpoints.</summary>
internal static class DashboardPolicy
{
    /// <summary>A user who may change things, on one of our own pages.</summary>
    public const string Operate = "operate";

    /// <summary>A user who may see every tenant.</summary>
    public const string EveryTenant = "every-tenant";

    /// <summary>A user who may create and revoke keys.</summary>
    public const string ManageKeys = "manage-keys";

    public static IServiceCollection AddDashboardPolicies(this IServiceCollection services) => services
        .AddSingleton<IAuthorizationMiddlewareResultHandler, ForbiddenPage>()
        .AddAuthorizationBuilder()
        .AddPolicy(Operate, policy => policy.AddRequirements(
            new RequestRequirement("You may read, but not change anything. An operator can do this.", http => Viewer.Of(http).CanOperate),
            new RequestRequirement("The form came from another site.", http => !HttpMethods.IsPost(http.Request.Method) || SameOrigin.Sent(http.Request))))
        .AddPolicy(EveryTenant, policy => policy.AddRequirements(
            new RequestRequirement("This affects every tenant, and your account may see only some.", http => Viewer.Of(http).SeesEverything)))
        .AddPolicy(ManageKeys, policy => policy.AddRequirements(
            new RequestRequirement("Keys are managed with an admin key, or by an Approver who may see every tenant.", http => Viewer.Of(http).ManagesKeys)))
        .Services;
}

/// <summary>A requirement for a request.</summary>
/// <param name="reason">The reason when it is not met, as a sentence.</param>
/// <param name="isMet">Whether the request meets it.</param>
internal sealed class RequestRequirement(string reason, Func<HttpContext, bool> isMet) : AuthorizationHandler<RequestRequirement>, IAuthorizationRequirement
{
    protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, RequestRequirement requirement)
    {
        // A requirement that is its own handler is also called for other requirements of its type.
        if (!ReferenceEquals(this, requirement))
            return Task.CompletedTask;
        if (context.Resource is HttpContext http && isMet(http))
            context.Succeed(this);
        else
            context.Fail(new AuthorizationFailureReason(this, reason));
        return Task.CompletedTask;
    }
}

/// <summary>Answers a forbidden request with a page, or for a program a problem, that gives the reason.</summary>
internal sealed class ForbiddenPage : IAuthorizationMiddlewareResultHandler
{
    public Task HandleAsync(RequestDelegate next, HttpContext context, AuthorizationPolicy policy, Microsoft.AspNetCore.Authorization.Policy.PolicyAuthorizationResult authorizeResult)
    {
        if (authorizeResult.Succeeded)
            return next(context);
        var reason = authorizeResult.AuthorizationFailure?.FailureReasons.FirstOrDefault()?.Message ?? "You may not do this.";
        return ApiPaths.Covers(context.Request.Path)
            ? ApiProblem.Forbidden(reason).WriteAsync(context)
            : AccessPages.NoticeAsync(context, StatusCodes.Status403Forbidden, "Not allowed", reason);
    }
}
