using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Stores the requirements of a version in TESTING again, by the policy and the suites as they are now.</summary>
internal sealed class RequireVersion(PromotionRepository promotion, AgentVersionRepository versions, RunPickup pickup)
{
    /// <param name="versionId">The version.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The standing, and the runs created for suite revisions that had none pending or running.</returns>
    /// <exception cref="NotFoundException">There is no such version.</exception>
    /// <exception cref="ConflictException">The version is not in TESTING, or the policy cannot be applied to it.</exception>
    public async Task<(VersionStanding Standing, IReadOnlyList<EvaluationRun> Runs)> ExecuteAsync(long versionId, string actor, CancellationToken cancellationToken)
    {
        var required = await promotion.RequireAgainAsync(versionId, actor, cancellationToken);
        if (required.Runs.Count > 0)
            await pickup.PickUpAsync((await versions.GetAsync(versionId, cancellationToken)).TenantId, cancellationToken);
        return required;
    }
}
