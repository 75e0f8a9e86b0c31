using EvalJobs.Data;
using EvalJobs.Domain;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The health check: judges every tenant and the tick itself, and keeps the answer.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class HealthCheckJob(
    TenantHealthRepository health, DispatchRepository dispatches, WorkerPoolRepository workerPools, DispatchOptions dispatchOptions, HealthOptions options,
    ILogger<HealthCheckJob> logger)
{
    /// <summary>Checks everything.</summary>
    /// <returns>The report; the dashboard shows it as the job's result.</returns>
    [JobDisplayName("Evaluation health check")]
    public async Task<HealthReport> RunAsync(CancellationToken cancellationToken)
    {
        var now = await health.ReadClockAsync(cancellationToken);
        var schedule = new TickSchedule(dispatchOptions.Cron);
        var longestWait = schedule.TwoTicksAfter(now);

        var loads = await health.ListLoadAsync(cancellationToken);
        var worked = (await workerPools.ListAsync(cancellationToken)).Select(server => server.Pool).ToHashSet(StringComparer.Ordinal);
        var tenants = loads.Select(load => TenantHealth.Judge(load, options.PendingWarning, longestWait, IsPoolWorked(load, worked))).ToList();
        await health.SaveAsync(tenants, cancellationToken);
        LogChanges(tenants);

        var serverReasons = await JudgeTicksAsync(schedule, tenants, now, cancellationToken);
        var report = HealthReport.From(tenants, serverReasons, now);
        logger.LogInformation(
            "Health {Overall}: {Warnings} of {Tenants} tenants in WARNING", report.Overall, tenants.Count(each => each.Status == HealthStatus.Warning), tenants.Count);
        return report;
    }

    /// <summary>
    /// A pool of a tenant's own must have a server. The common one only where servers run at all: without any, commands do the work,
    /// and if they do not, the missed ticks tell.
    /// </summary>
    private static bool IsPoolWorked(TenantLoad load, HashSet<string> worked) =>
        load.WorkerPool is { } own ? worked.Contains(own) : worked.Count == 0 || worked.Contains(Tenant.CommonPool) || load.PendingCount == 0;

    private async Task<IReadOnlyList<string>> JudgeTicksAsync(
        TickSchedule schedule, List<TenantHealth> tenants, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await dispatches.ListAsync(1, cancellationToken) is not [var last])
        {
            // A new installation has no tick yet; it is late only when work is.
            return tenants.Any(each => each.Load.OldestPendingAgeMs > schedule.TwoTicksAfter(now).TotalMilliseconds)
                ? ["No tick has ever run, and work is waiting: is a server running?"]
                : [];
        }

        return schedule.IsMissed(last.StartedAt, now)
            ? [$"A tick was missed: the last one started at {last.StartedAt:yyyy-MM-dd HH:mm:ss} UTC (schedule {dispatchOptions.Cron}). Is a server running?"]
            : [];
    }

    private void LogChanges(List<TenantHealth> tenants)
    {
        foreach (var tenant in tenants.Where(each => each.Status != (each.Load.PreviousStatus ?? HealthStatus.Healthy)))
        {
            if (tenant.Status == HealthStatus.Warning)
                logger.LogWarning("Tenant {Tenant} is now WARNING: {Reasons}", tenant.Load.Slug, string.Join(" ", tenant.Reasons));
            else
                logger.LogInformation("Tenant {Tenant} is HEALTHY again", tenant.Load.Slug);
        }
    }
}
