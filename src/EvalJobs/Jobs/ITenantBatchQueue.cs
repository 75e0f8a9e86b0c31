using EvalJobs.Data;

namespace EvalJobs.Jobs;

/// <summary>Queues reserved batches for workers: Hangfire in the server, the command itself on the command line.</summary>
internal interface ITenantBatchQueue
{
    /// <returns>Whether a batch queued here for this pool can be worked; null means the common pool.</returns>
    bool Reaches(string? workerPool);

    /// <summary>Queues a batch at the end.</summary>
    /// <param name="batchId">The reserved batch.</param>
    /// <param name="workerPool">The tenant's own pool; null means the common one.</param>
    /// <returns>The id of its job.</returns>
    string Enqueue(long batchId, string? workerPool);

    /// <summary>Queues a postponed batch behind the others again, after a while if the queue supports a delay.</summary>
    /// <returns>The id of its new job.</returns>
    string EnqueueLater(long batchId, string? workerPool) => Enqueue(batchId, workerPool);

    /// <returns>Whether the job of a batch that was queued a while ago still exists.</returns>
    bool Holds(QueuedBatch batch);
}
