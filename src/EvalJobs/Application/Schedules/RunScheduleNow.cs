using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Creates a schedule's run now, even if it is paused. Due moments stay due.</summary>
internal sealed class RunScheduleNow(RunScheduleRepository schedules, RunPickup pickup)
{
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <exception cref="NotFoundException">There is no such schedule, or its agent has no version to evaluate.</exception>
    /// <exception cref="ConflictException">The version has a run of the suite that has not ended, or the suite has no cases.</exception>
    public async Task<EvaluationRun> ExecuteAsync(long scheduleId, string actor, CancellationToken cancellationToken)
    {
        var run = await schedules.RunNowAsync(scheduleId, actor, cancellationToken);
        await pickup.PickUpAsync(run.TenantId, cancellationToken);
        return run;
    }
}
