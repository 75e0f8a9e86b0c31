using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Changes a schedule's agent, times or priority, effective at once. Earlier due moments no longer count.</summary>
internal sealed class ChangeSchedule(RunScheduleRepository schedules, ScheduleChanges changes)
{
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="draft">The new values.</param>
    /// <param name="basedOn">The revision it was read at; null changes any revision.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The expression, the zone or the priority is not acceptable, or it is due too often.</exception>
    /// <exception cref="NotFoundException">There is no such schedule, or the agent has no version to evaluate.</exception>
    /// <exception cref="ConflictException">Someone else has changed it since.</exception>
    public async Task<RunSchedule> ExecuteAsync(long scheduleId, ScheduleDraft draft, int? basedOn, string actor, CancellationToken cancellationToken)
    {
        var changed = await schedules.ChangeAsync(scheduleId, CreateSchedule.Validated(draft), basedOn, actor, cancellationToken);
        changes.Announce();
        return changed;
    }
}
