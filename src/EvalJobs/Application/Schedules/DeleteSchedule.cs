using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Deletes a schedule. Its runs stay.</summary>
internal sealed class DeleteSchedule(RunScheduleRepository schedules, ScheduleChanges changes)
{
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="basedOn">The revision it was read at; null deletes any revision.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The schedule as it was.</returns>
    /// <exception cref="NotFoundException">There is no such schedule.</exception>
    /// <exception cref="ConflictException">Someone else has changed it since.</exception>
    public async Task<RunSchedule> ExecuteAsync(long scheduleId, int? basedOn, string actor, CancellationToken cancellationToken)
    {
        var deleted = await schedules.DeleteAsync(scheduleId, basedOn, actor, cancellationToken);
        changes.Announce();
        return deleted;
    }
}
