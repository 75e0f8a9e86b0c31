using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs;

namespace EvalJobs.Application;

/// <summary>Restores a run and its results from the archive. It stays for another retention period, then is archived again.</summary>
internal sealed class RestoreRun(ArchiveRepository archive, RetentionOptions retention)
{
    /// <param name="runId">An archived run, or one whose results are partly in the archive.</param>
    /// <param name="actor">For the audit trail.</param>
    /// <param name="cancellationToken">Stops between two transactions; another call restores the rest.</param>
    /// <returns>What was moved.</returns>
    /// <exception cref="NotFoundException">There is no such run.</exception>
    /// <exception cref="ConflictException">The run is not in the archive, something it refers to is missing, or another process restores it.</exception>
    public Task<MovedRows> ExecuteAsync(long runId, string actor, CancellationToken cancellationToken) =>
        archive.RestoreAsync(runId, retention.BatchSize, actor, cancellationToken);
}
