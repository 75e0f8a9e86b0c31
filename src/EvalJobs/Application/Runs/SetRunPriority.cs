using EvalJobs.Data;
using EvalJobs.Domain;

namespace EvalJobs.Application;

/// <summary>Changes the priority of a pending run.</summary>
internal sealed class SetRunPriority(EvaluationRunRepository runs)
{
    /// <param name="runId">The run.</param>
    /// <param name="priority">Higher goes first within the tenant; within <see cref="RunPriority"/>.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Changes nothing when cancelled.</param>
    /// <exception cref="InvalidInputException">The priority is out of range.</exception>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run is not PENDING any more.</exception>
    public Task ExecuteAsync(long runId, int priority, string actor, CancellationToken cancellationToken) =>
        runs.SetPriorityAsync(runId, priority, actor, cancellationToken);
}
