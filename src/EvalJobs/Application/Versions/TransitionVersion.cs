using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Changes the lifecycle state of a version. Entering TESTING creates its pending run; returning to DRAFT cancels a run that has not ended.</summary>
internal sealed class TransitionVersion(AgentVersionRepository versions, RunPickup pickup)
{
    /// <param name="versionId">The version.</param>
    /// <param name="to">The new state.</param>
    /// <param name="suiteId">The suite to run on entering TESTING; null takes the tenant's default one.</param>
    /// <param name="priority">Priority of that run, within <see cref="RunPriority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <returns>The version as it now is, and the run created.</returns>
    /// <exception cref="InvalidInputException">The priority is out of range.</exception>
    /// <exception cref="NotFoundException">There is no such version or suite.</exception>
    /// <exception cref="ConflictException">The transition is not allowed now; the message says why and what is.</exception>
    public Task<VersionTransition> ExecuteAsync(
        long versionId, LifecycleState to, long? suiteId, int priority, string actor, CancellationToken cancellationToken) =>
        ExecuteAsync(new TransitionRequest { VersionId = versionId, To = to, SuiteId = suiteId, Priority = priority, Actor = actor }, cancellationToken);

    /// <inheritdoc cref="ExecuteAsync(long, LifecycleState, long?, int, string, CancellationToken)"/>
    public async Task<VersionTransition> ExecuteAsync(TransitionRequest request, CancellationToken cancellationToken)
    {
        var moved = await versions.TransitionAsync(request, cancellationToken);
        if (moved.Run is not null)
            await pickup.PickUpAsync(moved.Version.TenantId, cancellationToken);
        return moved;
    }
}
