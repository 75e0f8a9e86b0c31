namespace EvalJobs.Server.Observability;

/// <summary>What load balancers and supervisors ask. Open to everyone, also where people must sign in: the answers are a few short words.</summary>
internal static class HealthEndpoints
{
    /// <summary>
    /// <c>/health/live</c>: the process answers; a supervisor restarts it otherwise. <c>/health/ready</c>: it can work;
    /// 200 or 503 with one word per check.
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
