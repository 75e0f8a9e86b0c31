namespace EvalJobs.Server.Observability;

/// <summary>The endpoints for load balancers and supervisors. They need no sign-in, because the answers are only a few short words.</summary>
internal static class HealthEndpoints
{
    /// <summary>
    /// <c>/health/live</c>: the process answers. If it does not, a supervisor restarts it. <c>/health/ready</c>: the process can work: 200 or 503,
    /// with one word per check.
    /// </summary>
    public static void MapHealth(this WebApplication app)
    {
        app.MapGet("/health/live", () => "alive").AllowAnonymous();
        app.MapGet("/health/ready", async (ReadinessProbe probe, CancellationToken cancellationToken) =>
        {
            var readiness = await probe.ReadAsync(cancellationToken);
            return Results.Json(
                new { status = readiness.IsReady ? "ready" : "unready", checks = readiness.Checks },
                statusCode: readiness.IsReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        }).AllowAnonymous();
    }
}
