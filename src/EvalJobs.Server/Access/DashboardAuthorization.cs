using Hangfire.Dashboard;

namespace EvalJobs.Server.Access;

/// <summary>Hangfire's own check, behind <see cref="AccessGate"/>: without the gate nobody would get in.</summary>
internal sealed class DashboardAuthorization : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context) =>
        Viewer.Find(context.GetHttpContext()) is not null || HangfirePages.IsAsset(context.Request.Path);
}
