using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Tests.Docs;

/// <summary>The C# examples of docs/CRON_JOBS.md, word for word: each region is one example there, and CronJobsDocTests runs it.</summary>
internal static class CronJobsExamples
{
    public static void RegisterWeekly(IRecurringJobManagerV2 recurringJobs)
    {
        #region register
        recurringJobs.AddOrUpdate<WeeklyReportJob>(
            "weekly-report",
            JobSchedule.Queue,
            job => job.RunAsync(CancellationToken.None),
            Cron.Weekly(DayOfWeek.Monday, hour: 6),
            new RecurringJobOptions { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed });
        #endregion
    }

    public static void AddToServices(IServiceCollection services)
    {
        #region services
        services.AddTransient<WeeklyReportJob>();
        #endregion
    }

    public static void TriggerTick(IRecurringJobManagerV2 recurringJobs)
    {
        #region trigger
        recurringJobs.Trigger(JobSchedule.ProcessEvaluations);
        #endregion
    }

    public static void PauseSchedule(IRecurringJobManagerV2 recurringJobs)
    {
        #region never
        recurringJobs.AddOrUpdate<WeeklyReportJob>(
            "weekly-report", JobSchedule.Queue, job => job.RunAsync(CancellationToken.None), Cron.Never());
        #endregion
    }

    public static void Remove(IRecurringJobManagerV2 recurringJobs)
    {
        #region remove
        recurringJobs.RemoveIfExists("weekly-report");
        #endregion
    }

    public static async Task<IReadOnlyList<string>> ListWarningsAsync(HealthCheckJob health, CancellationToken cancellationToken)
    {
        #region health
        var report = await health.RunAsync(cancellationToken);
        var inWarning = report.Tenants
            .Where(tenant => tenant.Status == "WARNING")
            .Select(tenant => $"{tenant.TenantName}: {string.Join(" ", tenant.Reasons)}")
            .ToList();
        #endregion
        return inWarning;
    }

    public static async Task<int> CleanUpAsync(ArchiveRepository archive, CancellationToken cancellationToken)
    {
        #region batches
        var moved = 0;
        while (true)
        {
            // Each batch is one short transaction: a stop between two loses nothing, and other work is not delayed.
            var batch = await archive.ArchiveBatchAsync(days: 90, batchSize: 1000, cancellationToken);
            if (batch.Runs == 0)
                break;
            moved += batch.Runs;
        }
        #endregion

        return moved;
    }
}

#region job
/// <summary>Reports every Monday how many tenants there are.</summary>
[AutomaticRetry(Attempts = 0)]
internal sealed class WeeklyReportJob(TenantRepository tenants, ILogger<WeeklyReportJob> logger)
{
    [JobDisplayName("Weekly report")]
    public async Task<WeeklyReport> RunAsync(CancellationToken cancellationToken)
    {
        var count = 0;
        var page = await tenants.ListAsync(afterSlug: "", limit: 500, cancellationToken);
        while (page.Count > 0)
        {
            count += page.Count;
            page = await tenants.ListAsync(page[^1].Slug, limit: 500, cancellationToken);
        }

        logger.LogInformation("{Count} tenants", count);
        return new WeeklyReport(count);
    }
}

/// <summary>Shown on the dashboard as the job's result.</summary>
public sealed record WeeklyReport(int Tenants);
#endregion

#region children
/// <summary>Queues one child job per tenant with due work, so that a failure of one tenant does not affect the others.</summary>
[AutomaticRetry(Attempts = 0)]
internal sealed class RemindTenantsJob(DispatchRepository dispatches, IBackgroundJobClient jobs)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        foreach (var tenant in await dispatches.ListTenantsDueAsync(cancellationToken))
            jobs.Enqueue<RemindTenantJob>(Tenant.CommonPool, job => job.RunAsync(tenant.Id, CancellationToken.None));
    }
}

/// <summary>The child job. Its only argument is a plain number, because Hangfire stores arguments as JSON.</summary>
[AutomaticRetry(Attempts = 0)]
internal sealed class RemindTenantJob(RunListRepository runs)
{
    public async Task<int> RunAsync(long tenantId, CancellationToken cancellationToken)
    {
        var waiting = new RunListFilter { TenantIds = [tenantId], Status = RunStatus.Pending };
        return (await runs.ListAsync(waiting, limit: 100, cancellationToken)).Count;
    }
}
#endregion

#region idempotent
/// <summary>Running it twice has the effect of running it once: the unique index of live batches decides.</summary>
internal sealed class ServeTenantOnce(DispatchRepository dispatches)
{
    public async Task<bool> RunAsync(Tenant tenant, string owner, CancellationToken cancellationToken) =>
        await dispatches.ReserveBatchAsync(null, tenant, owner, TimeSpan.FromMinutes(2), cancellationToken) is not null;
}
#endregion

#region cancellation
/// <summary>Passes cancellation on. Otherwise Hangfire would show a stopped job as succeeded.</summary>
[AutomaticRetry(Attempts = 0)]
public sealed class PatientJob(ILogger<PatientJob> logger)
{
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(TimeSpan.FromHours(1), cancellationToken);
        }
        catch (OperationCanceledException)
        {
            logger.LogInformation("Stopped; tidying up");
            throw;
        }
    }
}
#endregion
