using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs.Telemetry;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace EvalJobs.Jobs;

/// <summary>Queues batches as Hangfire jobs. A worker pool is a Hangfire queue.</summary>
internal sealed class HangfireTenantBatchQueue(IBackgroundJobClientV2 jobs, JobStorage storage, WorkerPools pools) : ITenantBatchQueue
{
    /// <summary>A postponed batch must not return at once and keep a worker busy.</summary>
    private static readonly TimeSpan EnqueueDelay = TimeSpan.FromSeconds(15);

    private static readonly string[] UnfinishedStates = [EnqueuedState.StateName, ProcessingState.StateName, ScheduledState.StateName, AwaitingState.StateName];

    /// <inheritdoc/>
    public bool Reaches(string? workerPool) => pools.Reach(workerPool);

    /// <inheritdoc/>
    public string Enqueue(long batchId, string? workerPool)
    {
        var queue = workerPool ?? Tenant.CommonPool;
        return Create(batchId, queue, new EnqueuedState(queue));
    }

    /// <inheritdoc/>
    public string EnqueueLater(long batchId, string? workerPool) => Create(batchId, workerPool ?? Tenant.CommonPool, new ScheduledState(EnqueueDelay));

    /// <inheritdoc/>
    public bool Holds(QueuedBatch batch)
    {
        // Queued longer ago than a lease and still no job: enqueueing failed, or its process died in between.
        if (batch.HangfireJobId is null)
            return false;

        using var connection = storage.GetConnection();
        var job = connection.GetJobData(batch.HangfireJobId);
        return job is not null && (job.State is null || UnfinishedStates.Contains(job.State));
    }

    private string Create(long batchId, string queue, IState state) => jobs.Create(
        Job.FromExpression<TenantBatchJob>(job => job.RunAsync(batchId, CancellationToken.None), queue), state, BatchTrace.Parameters());
}
