using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Application;

/// <summary>Starts a recurring job now. Each becomes a Hangfire job like those of the schedule, with a record of who requested it.</summary>
/// <remarks>Needs a process with a Hangfire storage, such as the server.</remarks>
internal sealed class RequestJob(IBackgroundJobClient jobs, IRecurringJobManagerV2 recurringJobs, ChangeRecordRepository changes)
{
    /// <summary>Starts a tick: every tenant with due work gets a batch.</summary>
    /// <returns>The Hangfire job's id.</returns>
    public async Task<string> ProcessAllAsync(string actor)
    {
        var jobId = jobs.Enqueue<DispatchPendingEvaluationsJob>(JobSchedule.Queue, job => job.RunNowAsync(CancellationToken.None));
        await changes.RecordRequestAsync(null, ChangeType.ProcessingRequested, actor, CancellationToken.None);
        return jobId;
    }

    /// <summary>Starts the cleanup: ended runs past retention move to the archive.</summary>
    /// <returns>The Hangfire job's id.</returns>
    /// <exception cref="ConflictException">The recurring job is not registered.</exception>
    public Task<string> CleanUpAsync(string actor) => TriggerAsync(JobSchedule.CleanupOldEvaluations, ChangeType.CleanupRequested, actor);

    /// <summary>Starts a health check of every tenant.</summary>
    /// <returns>The Hangfire job's id.</returns>
    /// <exception cref="ConflictException">The recurring job is not registered.</exception>
    public Task<string> CheckHealthAsync(string actor) => TriggerAsync(JobSchedule.EvaluationHealthCheck, ChangeType.HealthCheckRequested, actor);

    private async Task<string> TriggerAsync(string recurringJobId, string changeType, string actor)
    {
        // Hangfire's own page of recurring jobs has a Remove button.
        var jobId = recurringJobs.TriggerJob(recurringJobId)
            ?? throw new ConflictException($"The recurring job '{recurringJobId}' is not registered in Hangfire; a running server registers it again within 15 seconds. Nothing was started.");

        // The job is queued by now, even if the caller no longer waits.
        await changes.RecordRequestAsync(null, changeType, actor, CancellationToken.None);
        return jobId;
    }
}
