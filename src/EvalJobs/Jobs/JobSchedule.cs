using EvalJobs.Domain;
using Hangfire;
using Hangfire.Common;
using Hangfire.Storage;

namespace EvalJobs.Jobs;

/// <summary>The recurring jobs: ids, schedules and their own small worker pool.</summary>
internal sealed class JobSchedule(
    IRecurringJobManagerV2 recurringJobs, JobStorage storage, DispatchOptions dispatch, RetentionOptions retention, HealthOptions health)
{
    /// <summary>The queue of these jobs. Its own workers: a full evaluation queue cannot delay a tick.</summary>
    public const string Queue = Tenant.MaintenancePool;

    /// <summary>The tick.</summary>
    public const string ProcessEvaluations = "process-evaluations";

    /// <summary>The archive.</summary>
    public const string CleanupOldEvaluations = "cleanup-old-evaluations";

    /// <summary>The health check.</summary>
    public const string EvaluationHealthCheck = "evaluation-health-check";

    /// <summary>A recurring job that is due later than this after its time is stale: retries of Hangfire's own are sooner.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, Action> _registrations = new(StringComparer.Ordinal)
    {
        [ProcessEvaluations] = () => recurringJobs.AddOrUpdate<DispatchPendingEvaluationsJob>(
            ProcessEvaluations, Queue, job => job.RunAsync(CancellationToken.None), dispatch.Cron, Relaxed()),
        [CleanupOldEvaluations] = () => recurringJobs.AddOrUpdate<ArchiveOldRunsJob>(
            CleanupOldEvaluations, Queue, job => job.RunAsync(CancellationToken.None), retention.Cron, Relaxed()),
        [EvaluationHealthCheck] = () => recurringJobs.AddOrUpdate<HealthCheckJob>(
            EvaluationHealthCheck, Queue, job => job.RunAsync(CancellationToken.None), health.Cron, Relaxed()),
    };

    /// <summary>Registers all of them; at every start, so that a changed schedule or type takes effect.</summary>
    public void Register()
    {
        foreach (var register in _registrations.Values)
            register();
        RenewStale();
    }

    /// <summary>Registers those anew that are due later than their schedule says: the clock was set back since, and Hangfire would wait until the old time is reached again.</summary>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> RenewStale()
    {
        using var connection = storage.GetReadOnlyConnection();

        // The clock that Hangfire schedules by, which need not be this machine's.
        var now = ((JobStorageConnection)connection).GetUtcDateTime();
        var stale = _registrations.Keys.Where(id => IsStale(connection.GetAllEntriesFromHash($"recurring-job:{id}"), now)).ToList();
        foreach (var id in stale)
        {
            // Removed first: an update would go on from the last execution, which lies in the future.
            recurringJobs.RemoveIfExists(id);
            _registrations[id]();
        }

        return stale;
    }

    private static bool IsStale(Dictionary<string, string>? job, DateTime now) =>
        job is not null
        && JobHelper.DeserializeNullableDateTime(job.GetValueOrDefault("NextExecution")) is { } next
        && job.GetValueOrDefault("Cron") is { Length: > 0 } cron
        && new TickSchedule(cron).NextAfter(new DateTimeOffset(now, TimeSpan.Zero)) is { } due
        && next > due.UtcDateTime + Slack;

    /// <summary>After a downtime one tick makes up for all that were missed.</summary>
    private static RecurringJobOptions Relaxed() => new() { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed };
}
