using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs.Alerts;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The health check: judges every tenant and the tick itself, and keeps the answer.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class HealthCheckJob(
    TenantHealthRepository health, WorkerPoolRepository workerPools, TickJudge ticks, AlertRepository alerts,
    HealthOptions options, AlertOptions alertOptions,
    ILogger<HealthCheckJob> logger)
{
    /// <summary>Checks everything.</summary>
    /// <returns>The report; the dashboard shows it as the job's result.</returns>
    [JobDisplayName("Evaluation health check")]
    public async Task<HealthReport> RunAsync(CancellationToken cancellationToken)
    {
        var now = await health.ReadClockAsync(cancellationToken);
        var longestWait = ticks.LongestWait(now);

        var loads = await health.ListLoadAsync(cancellationToken);
        var worked = (await workerPools.ListAsync(cancellationToken)).Select(server => server.Pool).ToHashSet(StringComparer.Ordinal);
        var failing = await health.ListFailingAsync(options.FailedAttemptsWarning, cancellationToken);
        var tenants = loads.Select(load => TenantHealth.Judge(
            load, options.PendingWarning, longestWait, IsPoolWorked(load, worked), failing.GetValueOrDefault(load.TenantId))).ToList();
        await health.SaveAsync(tenants, alertOptions.HealthRule, cancellationToken);
        LogChanges(tenants);

        List<string> serverReasons = [.. await JudgeTicksAsync(now, cancellationToken), .. await JudgeAlertsAsync(cancellationToken)];
        var report = HealthReport.From(tenants, serverReasons, now);
        logger.LogInformation(
            "Health {Overall}: {Warnings} of {Tenants} tenants in WARNING", report.Overall, tenants.Count(each => each.Status == HealthStatus.Warning), tenants.Count);
        return report;
    }

    /// <summary>
    /// A pool of a tenant's own must have a server. The common one only where servers run at all: without any, commands do the work,
    /// and if they do not, the missed ticks tell.
    /// </summary>
    public static bool IsPoolWorked(TenantLoad load, IReadOnlySet<string> worked) =>
        load.WorkerPool is { } own ? worked.Contains(own) : worked.Count == 0 || worked.Contains(Tenant.CommonPool) || load.PendingCount == 0;

    private async Task<IReadOnlyList<string>> JudgeTicksAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await ticks.JudgeAsync(now, watchedSince: null, cancellationToken) is { } trouble ? [trouble] : [];

    /// <summary>Who relies on alerts must learn here that none get through.</summary>
    private async Task<IReadOnlyList<string>> JudgeAlertsAsync(CancellationToken cancellationToken) =>
        (await alerts.ReadTroubleAsync(cancellationToken)).Reason is { } trouble ? [trouble] : [];

    /// <summary>For the curious; what people should act on is alerted, in its own time.</summary>
    private void LogChanges(List<TenantHealth> tenants)
    {
        foreach (var tenant in tenants.Where(each => each.Status != (each.Load.PreviousStatus ?? HealthStatus.Healthy)))
        {
            if (tenant.Status == HealthStatus.Warning)
                logger.LogInformation("Tenant {Tenant} is now WARNING: {Reasons}", tenant.Load.Slug, string.Join(" ", tenant.Reasons));
            else
                logger.LogInformation("Tenant {Tenant} is HEALTHY again", tenant.Load.Slug);
        }
    }
}
