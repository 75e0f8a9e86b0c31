using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Declares a completed run void as evidence, with a reason that is stored with it permanently.</summary>
internal sealed class VoidRun(PromotionRepository promotion)
{
    /// <param name="runId">The run, live, archived or purged.</param>
    /// <param name="reason">Why it does not count; 1 to <see cref="PromotionRepository.MaxReasonLength"/> characters.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The standing of its version; null when nothing is required of it.</returns>
    /// <exception cref="InvalidInputException">There is no reason, or it is too long.</exception>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run did not complete, or is void already.</exception>
    public Task<VersionStanding?> ExecuteAsync(long runId, string reason, string actor, CancellationToken cancellationToken) =>
        promotion.VoidAsync(runId, reason, actor, cancellationToken);
}
