using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Creates a pending run of a suite's current revision for a version, and has it picked up at once if a server can be reached.</summary>
internal sealed class RequestRun(EvaluationRunRepository runs, RunPickup pickup)
{
    /// <param name="versionId">The version to evaluate, in any state but RETIRED.</param>
    /// <param name="suiteId">A suite of the same tenant; null means its default one.</param>
    /// <param name="priority">Higher goes first within the tenant; within <see cref="RunPriority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The priority is out of range.</exception>
    /// <exception cref="NotFoundException">There is no such version or suite.</exception>
    /// <exception cref="ConflictException">The version is RETIRED or has a run that has not ended, or the suite has no cases.</exception>
    public async Task<EvaluationRun> ExecuteAsync(long versionId, long? suiteId, int priority, string actor, CancellationToken cancellationToken)
    {
        var run = await runs.CreateAsync(versionId, suiteId, priority, RunTrigger.Manual, actor, cancellationToken);
        await pickup.PickUpAsync(run.TenantId, cancellationToken);
        return run;
    }
}
