using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Creates a run that repeats one that FAILED or was CANCELLED, and has it picked up at once if a server can be reached.</summary>
internal sealed class RetryRun(EvaluationRunRepository runs, RunPickup pickup)
{
    /// <param name="runId">The ended run, live or archived. It stays as it is.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The new pending run, with the same version, suite revision, threshold and priority.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run has not ended or COMPLETED, or its version is RETIRED or has a run that has not ended.</exception>
    public async Task<EvaluationRun> ExecuteAsync(long runId, string actor, CancellationToken cancellationToken)
    {
        var run = await runs.RetryAsync(runId, actor, cancellationToken);
        await pickup.PickUpAsync(run.TenantId, cancellationToken);
        return run;
    }

    /// <summary>Creates a run that keeps the verdicts of a COMPLETED run and asks again only its ERRORED and UNSCORED cases.</summary>
    /// <param name="runId">The completed run, not archived. It stays evidence until the new run completes and replaces it.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Creates nothing when cancelled.</param>
    /// <returns>The new pending run.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run did not complete, has a verdict for every case, is archived or void, or its version is RETIRED or has a run that has not ended.</exception>
    public async Task<EvaluationRun> AskAgainAsync(long runId, string actor, CancellationToken cancellationToken)
    {
        var run = await runs.RetryErroredAsync(runId, actor, cancellationToken);
        await pickup.PickUpAsync(run.TenantId, cancellationToken);
        return run;
    }
}
