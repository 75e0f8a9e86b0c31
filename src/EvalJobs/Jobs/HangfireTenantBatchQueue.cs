using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Jobs.Telemetry;
using Hangfire;
using Hangfire.Common;
using Hangfire.States;

namespace EvalJobs.Jobs;

/// <summary>Carries batches as Hangfire jobs. A worker pool is a Hangfire queue.</summary>
internal sealed class HangfireTenantBatchQueue(IBackgroundJobClientV2 jobs, JobStorage storage, WorkerPools pools) : ITenantBatchQueue
{
    private static readonly string[] OnItsWay = [EnqueuedState.StateName, ProcessingState.StateName, ScheduledState.StateName, AwaitingState.StateName];

    /// <inheritdoc/>
    public bool Reaches(string? workerPool) => pools.Reach(workerPool);

    /// <inheritdoc/>
    public string Enqueue(long batchId, string? workerPool)
    {
        var queue = workerPool ?? Tenant.CommonPool;
        var work = Job.FromExpression<TenantBatchJob>(job => job.RunAsync(batchId, CancellationToken.None), queue);
        return jobs.Create(work, new EnqueuedState(queue), BatchTrace.Parameters());
    }

    /// <inheritdoc/>
    public bool Holds(QueuedBatch batch)
    {
        // Queued longer ago than a lease and still no job: enqueueing failed, or its process died in between.
        if (batch.HangfireJobId is null)
            return false;

        using var connection = storage.GetConnection();
        var job = connection.GetJobData(batch.HangfireJobId);
        return job is not null && (job.State is null || OnItsWay.Contains(job.State));
    }
}
