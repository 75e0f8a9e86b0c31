using EvalJobs.Domain;
using Hangfire;

namespace EvalJobs.Jobs;

/// <summary>The recurring jobs: ids, schedules and their own small worker pool.</summary>
internal sealed class JobSchedule(
    IRecurringJobManagerV2 recurringJobs, DispatchOptions dispatch, RetentionOptions retention, HealthOptions health)
{
    /// <summary>The queue of these jobs. Its own workers: a full evaluation queue cannot delay a tick.</summary>
    public const string Queue = Tenant.MaintenancePool;

    /// <summary>The tick.</summary>
    public const string ProcessEvaluations = "process-evaluations";

    /// <summary>The archive.</summary>
    public const string CleanupOldEvaluations = "cleanup-old-evaluations";

    /// <summary>The health check.</summary>
    public const string EvaluationHealthCheck = "evaluation-health-check";

    /// <summary>Registers all of them; at every start, so that a changed schedule or type takes effect.</summary>
    public void Register()
    {
        // Relaxed: after a downtime one tick makes up for all that were missed.
        var utc = new RecurringJobOptions { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed };

        recurringJobs.AddOrUpdate<DispatchPendingEvaluationsJob>(
            ProcessEvaluations, Queue, job => job.RunAsync(CancellationToken.None), dispatch.Cron, utc);
        recurringJobs.AddOrUpdate<ArchiveOldRunsJob>(
            CleanupOldEvaluations, Queue, job => job.RunAsync(CancellationToken.None), retention.Cron, utc);
        recurringJobs.AddOrUpdate<HealthCheckJob>(
            EvaluationHealthCheck, Queue, job => job.RunAsync(CancellationToken.None), health.Cron, utc);
    }
}
