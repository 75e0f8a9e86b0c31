using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Pauses or resumes a schedule. Due moments while it was paused are skipped.</summary>
internal sealed class PauseSchedule(RunScheduleRepository schedules, ScheduleChanges changes)
{
    /// <param name="scheduleId">The schedule.</param>
    /// <param name="isPaused">True to pause it, false to resume it.</param>
    /// <param name="basedOn">The revision it was read at; null changes any revision.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The schedule as it is now; nothing is recorded when it was in that state already.</returns>
    /// <exception cref="NotFoundException">There is no such schedule.</exception>
    /// <exception cref="ConflictException">Someone else has changed it since.</exception>
    public async Task<RunSchedule> ExecuteAsync(long scheduleId, bool isPaused, int? basedOn, string actor, CancellationToken cancellationToken)
    {
        var changed = await schedules.SetPausedAsync(scheduleId, isPaused, basedOn, actor, cancellationToken);
        changes.Announce();
        return changed;
    }
}
