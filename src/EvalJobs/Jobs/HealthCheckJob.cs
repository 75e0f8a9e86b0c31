using System.Data.Common;
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
    /// <summary>Tenants kept in one transaction: others wait for its locks, and one tenant's trouble is the trouble of so many at most.</summary>
    private const int TenantsPerStep = 500;

    /// <summary>Checks everything.</summary>
    /// <returns>The report; the dashboard shows it as the job's result.</returns>
    /// <exception cref="AggregateException">The health of some tenants could not be kept, for these reasons; the others' is, with their alerts.</exception>
    /// <exception cref="DbException">The database is in trouble; what was kept before stays.</exception>
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
        var failures = await KeepAsync(tenants, cancellationToken);

        List<string> serverReasons = [.. await JudgeTicksAsync(now, cancellationToken), .. await JudgeAlertsAsync(cancellationToken)];
        var report = HealthReport.From(tenants, serverReasons, now);
        logger.LogInformation(
            "Health {Overall}: {Warnings} of {Tenants} tenants in WARNING", report.Overall, tenants.Count(each => each.Status == HealthStatus.Warning), tenants.Count);
        if (failures.Count > 0)
            throw new AggregateException("The health of some tenants could not be kept; the next check tries again.", failures);
        return report;
    }

    /// <summary>
    /// A pool of a tenant's own must have a server. The common one only where servers run at all: without any, commands do the work,
    /// and if they do not, the missed ticks tell.
    /// </summary>
    public static bool IsPoolWorked(TenantLoad load, IReadOnlySet<string> worked) =>
        load.WorkerPool is { } own ? worked.Contains(own) : worked.Count == 0 || worked.Contains(Tenant.CommonPool) || load.PendingCount == 0;

    /// <summary>
    /// Keeps the answers in steps. One that fails keeps nobody else's answer from being kept, nor their alerts from being raised. Trouble of the
    /// whole database is no step's own: to wait it out again for each would hold a maintenance worker, and the ticks with it.
    /// </summary>
    /// <returns>What failed.</returns>
    private async Task<List<Exception>> KeepAsync(List<TenantHealth> tenants, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var step in tenants.OrderBy(each => each.Load.TenantId).Chunk(TenantsPerStep))
        {
            try
            {
                await health.SaveAsync(step, alertOptions.HealthRule, cancellationToken);
                LogChanges(step);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested && !IsTroubleOfAll(error))
            {
                // A warning: the job ends as failed with all of these, and who runs it by hand is told then.
                logger.LogWarning(error, "The health of tenants {First} to {Last} could not be kept", step[0].Load.Slug, step[^1].Load.Slug);
                failures.Add(error);
            }
        }

        return failures;
    }

    private static bool IsTroubleOfAll(Exception error) => error is DbException fault && fault.IsOutage();

    private async Task<IReadOnlyList<string>> JudgeTicksAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
        await ticks.JudgeAsync(now, watchedSince: null, cancellationToken) is { } trouble ? [trouble] : [];

    /// <summary>Who relies on alerts must learn here that none get through.</summary>
    private async Task<IReadOnlyList<string>> JudgeAlertsAsync(CancellationToken cancellationToken) =>
        (await alerts.ReadFailuresAsync(cancellationToken)).Reason is { } trouble ? [trouble] : [];

    /// <summary>For the curious; what people should act on is alerted, in its own time.</summary>
    private void LogChanges(IReadOnlyList<TenantHealth> tenants)
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
