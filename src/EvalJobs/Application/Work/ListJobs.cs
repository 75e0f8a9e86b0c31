using EvalJobs.Data;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Lists the server's recurring jobs with their schedule and whether they are paused.</summary>
internal sealed class ListJobs(
    JobPauseRepository pauses, TenantHealthRepository health, DispatchOptions dispatch, RetentionOptions retention, HealthOptions healthOptions, IEnumerable<JobSchedule> schedules)
{
    /// <returns>All of them, the most important first.</returns>
    public async Task<IReadOnlyList<JobStatus>> ExecuteAsync(CancellationToken cancellationToken)
    {
        var now = await health.ReadClockAsync(cancellationToken);
        var stored = await pauses.ListAsync(cancellationToken);

        // The command line has no Hangfire, so it is not known when a job last ran.
        var hangfire = schedules.FirstOrDefault();
        return
        [
            .. RecurringJobs.All.Select(job =>
            {
                var cron = CronOf(job.Id);
                var pause = stored.GetValueOrDefault(job.Id) is { IsPaused: true } paused ? paused : null;
                return new JobStatus
                {
                    Id = job.Id,
                    Name = job.Name,
                    Does = job.Does,
                    WhilePaused = job.WhilePaused,
                    Cron = cron,
                    LastAt = hangfire?.FindLastExecution(job.Id),
                    NextAt = pause is null ? new TickSchedule(cron).NextAfter(now) : null,
                    IsPaused = pause is not null,
                    PausedSince = pause?.At,
                    PausedBy = pause?.Actor,
                    Reason = pause?.Reason,
                };
            }),
        ];
    }

    private string CronOf(string jobId) => jobId switch
    {
        JobSchedule.ProcessEvaluations => dispatch.Cron,
        JobSchedule.CleanupOldEvaluations => retention.Cron,
        _ => healthOptions.Cron,
    };
}

/// <summary>A recurring job, as shown to people.</summary>
internal sealed record JobStatus
{
    /// <summary>Its id in Hangfire.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>What it does.</summary>
    public required string Does { get; init; }

    /// <summary>What does not happen while it is paused.</summary>
    public required string WhilePaused { get; init; }

    /// <summary>Its cron expression, UTC, from the settings.</summary>
    public required string Cron { get; init; }

    /// <summary>When this server's Hangfire last started it, UTC; null when it never did or this is not known.</summary>
    public DateTimeOffset? LastAt { get; init; }

    /// <summary>When it is next due, UTC; null while it is paused.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>Whether it is paused.</summary>
    public required bool IsPaused { get; init; }

    /// <summary>When it was paused, UTC; null when it is not paused.</summary>
    public DateTimeOffset? PausedSince { get; init; }

    /// <summary>Who paused it; null when nobody did.</summary>
    public string? PausedBy { get; init; }

    /// <summary>Why; null when it is not paused.</summary>
    public string? Reason { get; init; }
}
