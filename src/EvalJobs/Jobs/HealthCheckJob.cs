using System.Data.Common;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs.Alerts;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The health check: assesses every tenant and the server, stores the result, and raises the alerts that follow from it.</summary>
[AutomaticRetry(Attempts = 0)]
internal sealed partial class HealthCheckJob(
    HealthAssessment assessment, TenantHealthRepository health, AlertOptions alertOptions, ILogger<HealthCheckJob> logger)
{
    /// <summary>Tenants stored in one transaction: others wait for its locks, and the failure of one tenant affects at most this many.</summary>
    private const int TenantsPerStep = 500;

    /// <summary>Checks everything.</summary>
    /// <returns>The report; the dashboard shows it as the job's result.</returns>
    /// <exception cref="AggregateException">The health of some tenants could not be stored, for these reasons; that of the others is stored, with their alerts.</exception>
    /// <exception cref="DbException">Outage of the database; what was stored before stays.</exception>
    [JobDisplayName("Evaluation health check")]
    public async Task<HealthReport> RunAsync(CancellationToken cancellationToken)
    {
        var now = await assessment.ReadClockAsync(cancellationToken);
        var tenants = await assessment.AssessTenantsAsync(now, await assessment.ListFailuresAsync(cancellationToken), cancellationToken);
        var failures = await SaveAsync(tenants, cancellationToken);

        var report = HealthReport.From(tenants, await assessment.AssessServerAsync(now, cancellationToken), now, await assessment.ListPausedAsync(cancellationToken));
        LogReport(report.Overall, tenants.Count(each => each.Status == HealthStatus.Warning), tenants.Count);
        if (failures.Count > 0)
            throw new AggregateException("The health of some tenants could not be stored; the next check tries again.", failures);
        return report;
    }

    /// <summary>
    /// Stores the assessments in steps. A failed step does not stop the other steps or their alerts. An outage of the
    /// whole database ends all steps: waiting again for each step would block a maintenance worker, and with it the ticks.
    /// </summary>
    /// <returns>What failed.</returns>
    private async Task<List<Exception>> SaveAsync(IReadOnlyList<TenantHealth> tenants, CancellationToken cancellationToken)
    {
        var failures = new List<Exception>();
        foreach (var step in tenants.OrderBy(each => each.Load.TenantId).Chunk(TenantsPerStep))
        {
            try
            {
                await health.SaveAsync(step, alertOptions.HealthRule, cancellationToken);
                LogChanges(step);
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested && !IsDatabaseOutage(error))
            {
                // A warning: the job fails at its end with all of these, and an operator who runs it by hand sees it then.
                LogNotStored(error, step[0].Load.Slug, step[^1].Load.Slug);
                failures.Add(error);
            }
        }

        return failures;
    }

    private static bool IsDatabaseOutage(Exception error) => error is DbException cause && cause.IsOutage();

    /// <summary>Informational. Alerts cover what needs action.</summary>
    private void LogChanges(IReadOnlyList<TenantHealth> tenants)
    {
        foreach (var tenant in tenants.Where(each => each.Status != (each.Load.PreviousStatus ?? HealthStatus.Healthy)))
        {
            if (tenant.Status == HealthStatus.Warning)
                LogWarning(tenant.Load.Slug, string.Join(" ", tenant.Reasons));
            else
                LogHealthy(tenant.Load.Slug);
        }
    }

    [LoggerMessage(1400, LogLevel.Information, "Health {Overall}: {Warnings} of {Tenants} tenants in WARNING")]
    private partial void LogReport(string overall, int warnings, int tenants);

    [LoggerMessage(1401, LogLevel.Information, "Tenant {Tenant} is now WARNING: {Reasons}")]
    private partial void LogWarning(string tenant, string reasons);

    [LoggerMessage(1402, LogLevel.Information, "Tenant {Tenant} is HEALTHY again")]
    private partial void LogHealthy(string tenant);

    [LoggerMessage(1403, LogLevel.Warning, "The health of tenants {First} to {Last} could not be stored")]
    private partial void LogNotStored(Exception error, string first, string last);
}
