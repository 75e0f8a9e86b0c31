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

    /// <summary>The field of a recurring job's hash in Hangfire that holds when it was last started.</summary>
    private const string LastExecution = "LastExecution";

    /// <summary>The expression of a paused job: never due.</summary>
    private static readonly string Never = Cron.Never();

    /// <summary>A recurring job that is due later than this after its time is stale: Hangfire's own retries are sooner.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    private readonly Dictionary<string, (string Cron, Action<string> Register)> _jobs = new(StringComparer.Ordinal)
    {
        [ProcessEvaluations] = (dispatch.Cron, cron => recurringJobs.AddOrUpdate<DispatchPendingEvaluationsJob>(
            ProcessEvaluations, Queue, job => job.RunAsync(CancellationToken.None), cron, Relaxed())),
        [CleanupOldEvaluations] = (retention.Cron, cron => recurringJobs.AddOrUpdate<ArchiveOldRunsJob>(
            CleanupOldEvaluations, Queue, job => job.RunAsync(CancellationToken.None), cron, Relaxed())),
        [EvaluationHealthCheck] = (health.Cron, cron => recurringJobs.AddOrUpdate<HealthCheckJob>(
            EvaluationHealthCheck, Queue, job => job.RunAsync(CancellationToken.None), cron, Relaxed())),
    };

    /// <summary>Registers all of them; at every start, so that a changed schedule or type takes effect.</summary>
    /// <param name="paused">The ids of those that are paused: they stay in Hangfire, so that they can be triggered, and are never due.</param>
    public void Register(IReadOnlySet<string> paused)
    {
        foreach (var id in _jobs.Keys)
            Register(id, paused);
        RenewStale(paused);
    }

    /// <summary>Registers again the jobs whose state in Hangfire differs from our table, because they were paused or resumed on another server or by a command.</summary>
    /// <param name="paused">The ids of those that are paused.</param>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> Pause(IReadOnlySet<string> paused)
    {
        using var connection = storage.GetReadOnlyConnection();
        var changed = _jobs.Keys
            .Where(id => connection.GetAllEntriesFromHash($"recurring-job:{id}") is { } job && (job.GetValueOrDefault("Cron") == Never) != (CronOf(id, paused) == Never))
            .ToList();
        foreach (var id in changed)
        {
            // Removed first: due moments while it was paused are skipped.
            KeepLastExecution(id);
            recurringJobs.RemoveIfExists(id);
            Register(id, paused);
        }

        return changed;
    }

    /// <summary>Registers again the jobs that Hangfire does not have, because they were removed on its page, or a server was killed between removing and registering one.</summary>
    /// <param name="paused">The ids of those that are paused.</param>
    /// <returns>Their ids.</returns>
    public IReadOnlyList<string> RegisterMissing(IReadOnlySet<string> paused)
    {
        using var connection = storage.GetReadOnlyConnection();
        var missing = _jobs.Keys.Where(id => connection.GetAllEntriesFromHash($"recurring-job:{id}") is null).ToList();
        foreach (var id in missing)
            Register(id, paused);
        return missing;
    }

    /// <returns>When Hangfire last started a recurring job, UTC; null when it never did, or no longer knows.</returns>
    public DateTimeOffset? FindLastExecution(string id)
    {
        using var connection = storage.GetReadOnlyConnection();
        return JobHelper.DeserializeNullableDateTime(ReadLastExecution(connection, $"recurring-job:{id}") ?? ReadLastExecution(connection, ExecutionKey(id))) is { } last
            ? new DateTimeOffset(DateTime.SpecifyKind(last, DateTimeKind.Utc))
            : null;
    }

    /// <summary>Keeps the time of the last execution separately from the job, where Hangfire does not calculate the next one from it.</summary>
    private void KeepLastExecution(string id)
    {
        using var connection = storage.GetConnection();
        if (ReadLastExecution(connection, $"recurring-job:{id}") is { } last)
            connection.SetRangeInHash(ExecutionKey(id), [KeyValuePair.Create(LastExecution, last)]);
    }

    private static string? ReadLastExecution(IStorageConnection connection, string key) => connection.GetAllEntriesFromHash(key)?.GetValueOrDefault(LastExecution);

    private static string ExecutionKey(string id) => $"evaljobs:recurring-job:{id}";

    private void Register(string id, IReadOnlySet<string> paused) => _jobs[id].Register(CronOf(id, paused));

    /// <returns>The expression for Hangfire: that of the setting, or never due for a paused job.</returns>
    private string CronOf(string id, IReadOnlySet<string> paused) => paused.Contains(id) ? Never : _jobs[id].Cron;

    /// <summary>Registers again those that are due later than their schedule says: the clock was set back since, and Hangfire would wait until the old time is reached again.</summary>
    /// <returns>Their ids.</returns>
    /// <param name="paused">The ids of those that are paused.</param>
    public IReadOnlyList<string> RenewStale(IReadOnlySet<string> paused)
    {
        using var connection = storage.GetReadOnlyConnection();

        // The clock that Hangfire uses, which may differ from this machine's.
        var now = ((JobStorageConnection)connection).GetUtcDateTime();
        var stale = _jobs.Keys.Where(id => !paused.Contains(id) && IsStale(connection.GetAllEntriesFromHash($"recurring-job:{id}"), now)).ToList();
        foreach (var id in stale)
        {
            // Removed first, because an update would continue from the last execution, which lies in the future.
            recurringJobs.RemoveIfExists(id);
            Register(id, paused);
        }

        return stale;
    }

    private static bool IsStale(Dictionary<string, string>? job, DateTime now) =>
        job is not null
        && JobHelper.DeserializeNullableDateTime(job.GetValueOrDefault("NextExecution")) is { } next
        && job.GetValueOrDefault("Cron") is { Length: > 0 } cron
        && new TickSchedule(cron).NextAfter(new DateTimeOffset(now, TimeSpan.Zero)) is { } due
        && next > due.UtcDateTime + Slack;

    /// <summary>After a downtime one tick replaces all missed ticks.</summary>
    private static RecurringJobOptions Relaxed() => new() { TimeZone = TimeZoneInfo.Utc, MisfireHandling = MisfireHandlingMode.Relaxed };
}
