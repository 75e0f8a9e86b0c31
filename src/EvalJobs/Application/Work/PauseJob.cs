using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Pauses or resumes one of the server's recurring jobs, on every server and over restarts. "Trigger now" still runs a paused one, once.</summary>
internal sealed class PauseJob(JobPauseRepository pauses, ScheduleChanges changes)
{
    /// <param name="jobId">One of <see cref="RecurringJobs.All"/>, by its id.</param>
    /// <param name="reason">Why it is paused, 1 to <see cref="JobPause.MaxReasonLength"/> characters; null to resume it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>False when it was in that state already; then nothing is recorded.</returns>
    /// <exception cref="InvalidInputException">The reason is missing or too long.</exception>
    /// <exception cref="NotFoundException">There is no such recurring job.</exception>
    public async Task<bool> ExecuteAsync(string jobId, string? reason, string actor, CancellationToken cancellationToken)
    {
        RecurringJobs.Get(jobId);
        var text = reason?.Trim();
        if (text is { Length: 0 or > JobPause.MaxReasonLength })
            throw new InvalidInputException($"reason: say in 1 to {JobPause.MaxReasonLength} characters why the job is paused.");
        var isChanged = await pauses.SetAsync(jobId, text, actor, cancellationToken);
        changes.Announce();
        return isChanged;
    }
}
