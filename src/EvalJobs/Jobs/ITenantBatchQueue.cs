using EvalJobs.Domain;

namespace EvalJobs.Jobs;

/// <summary>Carries reserved batches to workers: Hangfire in the server, the command itself on the command line.</summary>
public interface ITenantBatchQueue
{
    /// <summary>Puts a batch at the tail.</summary>
    /// <param name="batchId">The reserved batch.</param>
    /// <param name="workerPool">The tenant's own pool; null means the common one.</param>
    /// <returns>The identity of the job that carries it.</returns>
    string Enqueue(long batchId, string? workerPool);

    /// <returns>Whether the job that carries a queued batch is still on its way.</returns>
    bool Holds(TenantBatch batch);
}
