using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Cancels a run that has not ended; its version gets the evaluation status that follows from its evidence.</summary>
internal sealed class CancelRun(EvaluationRunRepository runs)
{
    /// <param name="runId">The run. A worker stops asking within two seconds.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run has ended.</exception>
    public Task ExecuteAsync(long runId, string actor, CancellationToken cancellationToken) => runs.CancelAsync(runId, actor, cancellationToken);
}
