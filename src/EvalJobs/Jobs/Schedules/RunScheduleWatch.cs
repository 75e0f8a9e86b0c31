using EvalJobs.Data;
using EvalJobs.Domain;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>
/// Keeps one recurring job in Hangfire for each schedule of our table, and processes due moments that Hangfire missed, because it lost the job, its clock was
/// set back, or the server was down.
/// </summary>
/// <remarks>At the start, within a second of a change made in this process, and once a minute. Reads all schedules: some 0.2 s of work for ten thousand of them.</remarks>
internal sealed partial class RunScheduleWatch(
    RunScheduleRepository schedules, TenantHealthRepository health, DueSchedules due, ScheduleChanges changes, IRecurringJobManagerV2 recurringJobs, JobStorage storage,
    TimeProvider clock, ILogger<RunScheduleWatch> logger)
    : PeriodicService(PollInterval, "The schedules of runs could not be read", logger, clock)
{
    /// <summary>What the ids of the recurring jobs of schedules begin with.</summary>
    public const string JobPrefix = "schedule-";

    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long a due moment is left to Hangfire.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The revisions this process has registered, or has logged that it cannot.</summary>
    private readonly Dictionary<long, int> _registered = [];

    private int _seenChanges = -1;
    private long _readAt;

    /// <returns>The id in Hangfire of a schedule's recurring job.</returns>
    public static string JobId(long scheduleId) => FormattableString.Invariant($"{JobPrefix}{scheduleId}");

    /// <summary>Updates Hangfire's jobs by the table, and processes overdue moments. One call at a time.</summary>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        // Hangfire's jobs are read before our table: a job without a row then belongs to a deleted schedule, not to one that another server has just registered.
        var known = ReadKnown();
        var stored = await schedules.ListAllAsync(cancellationToken);
        var now = await health.ReadClockAsync(cancellationToken);
        Register(stored, known);
        foreach (var schedule in stored.Where(each => !each.IsPaused))
        {
            try
            {
                if (await schedules.RewindAsync(schedule, now, cancellationToken))
                {
                    LogRewound(Logger, schedule.Id);
                    RegisterAnew(schedule);
                }
                else if (ScheduleTimes.Parse(schedule.Cron, schedule.TimeZone).NextAfter(schedule.DueAfter) <= now - Patience)
                {
                    await due.FireAsync(schedule, now, cancellationToken);
                }
            }
            catch (InvalidInputException)
            {
                // Its times cannot be read here; Register has logged it.
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                // A schedule that fails does not stop the others; the next check tries again.
                LogFailed(Logger, error, schedule.Id);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task RunOnceAsync(CancellationToken stoppingToken)
    {
        var seen = changes.Count;
        if (seen == _seenChanges && Clock.GetElapsedTime(_readAt) < ReadInterval)
            return;
        await CheckAsync(stoppingToken);
        (_seenChanges, _readAt) = (seen, Clock.GetTimestamp());
    }

    /// <returns>The ids of the schedules' recurring jobs that Hangfire has.</returns>
    private HashSet<string> ReadKnown()
    {
        using var connection = storage.GetReadOnlyConnection();
        return connection.GetAllItemsFromSet("recurring-jobs").Where(id => id.StartsWith(JobPrefix, StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
    }

    private void Register(IReadOnlyList<RunSchedule> stored, HashSet<string> known)
    {
        var enabled = stored.Where(schedule => !schedule.IsPaused).ToDictionary(schedule => JobId(schedule.Id), StringComparer.Ordinal);
        foreach (var id in known.Where(id => !enabled.ContainsKey(id)))
            recurringJobs.RemoveIfExists(id);
        foreach (var (id, schedule) in enabled.Where(each => !known.Contains(each.Key) || _registered.GetValueOrDefault(each.Value.Id) != each.Value.Revision))
            TryRegister(id, schedule);
        foreach (var gone in _registered.Keys.Where(id => !enabled.ContainsKey(JobId(id))).ToList())
            _registered.Remove(gone);
    }

    /// <summary>Removed first, because an update would continue from the last execution, which lies in the future.</summary>
    private void RegisterAnew(RunSchedule schedule)
    {
        recurringJobs.RemoveIfExists(JobId(schedule.Id));
        TryRegister(JobId(schedule.Id), schedule);
    }

    private void TryRegister(string id, RunSchedule schedule)
    {
        try
        {
            recurringJobs.AddOrUpdate<ScheduledRunJob>(
                id, JobSchedule.Queue, job => job.RunAsync(schedule.Id, CancellationToken.None), schedule.Cron,
                new RecurringJobOptions { TimeZone = ScheduleTimes.Parse(schedule.Cron, schedule.TimeZone).Zone, MisfireHandling = MisfireHandlingMode.Relaxed });
        }
        catch (InvalidInputException error)
        {
            // This machine does not know the zone. It is logged once, and the health check reports it as long as it lasts.
            if (_registered.GetValueOrDefault(schedule.Id) != schedule.Revision)
                LogUnreadable(Logger, schedule.Id, error.Message);
        }

        _registered[schedule.Id] = schedule.Revision;
    }

    [LoggerMessage(1133, LogLevel.Warning, "Schedule {ScheduleId} could not be checked; the next check tries again")]
    private static partial void LogFailed(ILogger logger, Exception error, long scheduleId);

    [LoggerMessage(1136, LogLevel.Error, "Schedule {ScheduleId} makes no runs: its times cannot be read on this machine. {Problem}")]
    private static partial void LogUnreadable(ILogger logger, long scheduleId, string problem);

    [LoggerMessage(1134, LogLevel.Warning, "The last due moment of schedule {ScheduleId} lay in the future (the clock was set back); it counts from now on")]
    private static partial void LogRewound(ILogger logger, long scheduleId);
}
