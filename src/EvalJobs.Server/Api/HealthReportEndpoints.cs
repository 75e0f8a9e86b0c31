using EvalJobs.Jobs;

namespace EvalJobs.Server.Api;

/// <summary><c>/health</c>: the health of the tenants that the caller may see and, for callers who may see every tenant, of the server.</summary>
internal static class HealthReportEndpoints
{
    public static void MapHealthReport(this IEndpointRouteBuilder api)
    {
        api.MapGet("/health", ReadAsync).Reads<HealthReport>("getHealth", "Read the health of the tenants the caller may see");
    }

    private static async Task<HealthReport> ReadAsync(ApiCall call, HealthAssessment health)
    {
        var now = await health.ReadClockAsync(call.Aborted);
        var tenants = await health.AssessTenantsAsync(now, await health.ListFailuresAsync(call.Aborted), call.Aborted);
        return call.Viewer.SeesEverything
            ? HealthReport.From(tenants, await health.AssessServerAsync(now, call.Aborted), now, await health.ListPausedAsync(call.Aborted))
            : HealthReport.From([.. tenants.Where(tenant => call.Viewer.Sees(tenant.Load.Slug))], [], now);
    }
}
