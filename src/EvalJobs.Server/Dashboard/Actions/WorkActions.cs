using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The recurring jobs, now. Each becomes a Hangfire job like those of the schedule, with a record of who asked.</summary>
internal sealed class WorkActions(
    PageRequest request, IBackgroundJobClient jobs, IRecurringJobManagerV2 recurringJobs, ChangeRecordRepository changes, OverviewCache overview)
{
    public Task<IResult> ProcessAllAsync()
    {
        var jobId = jobs.Enqueue<DispatchPendingEvaluationsJob>(JobSchedule.Queue, job => job.RunNowAsync(CancellationToken.None));
        return StartedAsync(ChangeType.ProcessingRequested, jobId, "A tick has been requested: every tenant with due work gets a batch.");
    }

    public Task<IResult> CleanUpAsync() => TriggerAsync(
        ChangeType.CleanupRequested, JobSchedule.CleanupOldEvaluations, "The cleanup has been requested: ended runs past retention move to the archive.");

    public Task<IResult> CheckHealthAsync() => TriggerAsync(
        ChangeType.HealthCheckRequested, JobSchedule.EvaluationHealthCheck, "A health check has been requested.");

    private Task<IResult> TriggerAsync(string type, string recurringJobId, string message)
    {
        // Hangfire's own page of recurring jobs has a Remove button.
        var jobId = recurringJobs.TriggerJob(recurringJobId)
            ?? throw new ConflictException($"The recurring job '{recurringJobId}' is not registered; restart a server. Nothing was started.");
        return StartedAsync(type, jobId, message);
    }

    /// <summary>Records what is queued by now, whether or not the browser still waits.</summary>
    private async Task<IResult> StartedAsync(string type, string jobId, string message)
    {
        await changes.RecordRequestAsync(null, type, request.Viewer.Actor, CancellationToken.None);
        overview.Invalidate();
        return request.Done("/evaluations", new StatusMessage(message, LinkPath: $"/jobs/details/{jobId}", LinkText: "See the job"));
    }
}
