using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The recurring jobs, now. Each becomes a Hangfire job like those the schedule makes, with a record of who asked.</summary>
internal sealed class WorkActions(
    IBackgroundJobClient jobs, IRecurringJobManagerV2 recurringJobs, ChangeRecordRepository changes, OverviewCache overview)
{
    public Task<ActionOutcome> ProcessAllAsync(PageRequest request)
    {
        request.DemandSeesEverything();
        var jobId = jobs.Enqueue<DispatchPendingEvaluationsJob>(JobSchedule.Queue, job => job.RunNowAsync(CancellationToken.None));
        return StartedAsync(request, ChangeType.ProcessingRequested, jobId, "A tick has been asked for: every tenant with due work gets a batch.");
    }

    public Task<ActionOutcome> CleanUpAsync(PageRequest request) => TriggerAsync(
        request, ChangeType.CleanupRequested, JobSchedule.CleanupOldEvaluations, "The cleanup has been asked for: ended runs past retention move to the archive.");

    public Task<ActionOutcome> CheckHealthAsync(PageRequest request) => TriggerAsync(
        request, ChangeType.HealthCheckRequested, JobSchedule.EvaluationHealthCheck, "A health check has been asked for.");

    private Task<ActionOutcome> TriggerAsync(PageRequest request, string type, string recurringJobId, string message)
    {
        request.DemandSeesEverything();

        // Hangfire's own page of recurring jobs has a Remove button.
        var jobId = recurringJobs.TriggerJob(recurringJobId)
            ?? throw new ConflictException($"The recurring job '{recurringJobId}' is not registered; restart a server. Nothing was started.");
        return StartedAsync(request, type, jobId, message);
    }

    /// <summary>Records what is queued by now, whether or not the browser still waits.</summary>
    private async Task<ActionOutcome> StartedAsync(PageRequest request, string type, string jobId, string message)
    {
        await changes.RecordRequestAsync(null, type, request.Viewer.Actor, CancellationToken.None);
        overview.Invalidate();
        return ActionOutcome.Done(new FlashMessage(message, LinkPath: $"/jobs/details/{jobId}", LinkText: "See the job"));
    }
}
