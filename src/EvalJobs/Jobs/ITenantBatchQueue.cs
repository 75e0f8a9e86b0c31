using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Carries reserved batches to workers: Hangfire in the server, the command itself on the command line.</summary>
internal interface ITenantBatchQueue
{
    /// <returns>Whether a batch put here for this pool can come to be worked; null means the common pool.</returns>
    bool Reaches(string? workerPool);

    /// <summary>Puts a batch at the tail.</summary>
    /// <param name="batchId">The reserved batch.</param>
    /// <param name="workerPool">The tenant's own pool; null means the common one.</param>
    /// <returns>The identity of the job that carries it.</returns>
    string Enqueue(long batchId, string? workerPool);

    /// <summary>Puts a queued batch, whose turn has not come yet, behind the others again, after a while where the queue can wait.</summary>
    /// <returns>The identity of the job that carries it now.</returns>
    string EnqueueLater(long batchId, string? workerPool) => Enqueue(batchId, workerPool);

    /// <returns>Whether the job that carries a batch queued a while ago is still on its way.</returns>
    bool Holds(QueuedBatch batch);
}
