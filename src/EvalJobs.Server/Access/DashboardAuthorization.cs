using Hangfire.Dashboard;

namespace EvalJobs.Server.Access;

/// <summary>Hangfire's own check, after <see cref="AccessGate"/>. Without the gate it rejects every request.</summary>
internal sealed class DashboardAuthorization : IDashboardAuthorizationFilter
{
    public bool Authorize(DashboardContext context) =>
        Viewer.Find(context.GetHttpContext()) is not null || HangfirePages.IsAsset(context.Request.Path);
}
