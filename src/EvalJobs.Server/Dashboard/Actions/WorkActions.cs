using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;
using Hangfire;

namespace EvalJobs.Server.Dashboard.Actions;

/// <summary>The recurring jobs, now. Each becomes a Hangfire job like those the schedule makes, with a record of who asked.</summary>
internal sealed class WorkActions(
    IBackgroundJobClient jobs, IRecurringJobManagerV2 recurringJobs, ChangeRecordRepository changes, OverviewCache overview)
{
    public async Task<ActionOutcome> ProcessAllAsync(PageRequest request)
    {
        request.DemandSeesEverything();
        await changes.RecordRequestAsync(null, ChangeType.ProcessingRequested, request.Viewer.Actor, request.Aborted);
        var jobId = jobs.Enqueue<DispatchPendingEvaluationsJob>(JobSchedule.Queue, job => job.RunNowAsync(CancellationToken.None));
        return Started("A tick has been asked for: every tenant with due work gets a batch.", jobId);
    }

    public async Task<ActionOutcome> CleanUpAsync(PageRequest request)
    {
        request.DemandSeesEverything();
        await changes.RecordRequestAsync(null, ChangeType.CleanupRequested, request.Viewer.Actor, request.Aborted);
        return Started("The cleanup has been asked for: ended runs past retention move to the archive.", recurringJobs.TriggerJob(JobSchedule.CleanupOldEvaluations));
    }

    public async Task<ActionOutcome> CheckHealthAsync(PageRequest request)
    {
        request.DemandSeesEverything();
        await changes.RecordRequestAsync(null, ChangeType.HealthCheckRequested, request.Viewer.Actor, request.Aborted);
        return Started("A health check has been asked for.", recurringJobs.TriggerJob(JobSchedule.EvaluationHealthCheck));
    }

    private ActionOutcome Started(string message, string? jobId)
    {
        overview.Invalidate();
        return ActionOutcome.Done(new FlashMessage(message, LinkPath: jobId is null ? null : $"/jobs/details/{jobId}", LinkText: "See the job"));
    }
}
