using EvalJobs.Domain;
using Hangfire;
using Hangfire.States;

namespace EvalJobs.Jobs;

/// <summary>Carries batches as Hangfire jobs. A worker pool is a Hangfire queue.</summary>
public sealed class HangfireTenantBatchQueue(IBackgroundJobClient jobs, JobStorage storage) : ITenantBatchQueue
{
    /// <summary>The queue of tenants without a pool of their own.</summary>
    public const string CommonPool = "evaluations";

    private static readonly string[] OnItsWay = [EnqueuedState.StateName, ProcessingState.StateName, ScheduledState.StateName, AwaitingState.StateName];

    /// <inheritdoc/>
    public string Enqueue(long batchId, string? workerPool) =>
        jobs.Enqueue<TenantBatchJob>(workerPool ?? CommonPool, job => job.RunAsync(batchId, CancellationToken.None));

    /// <inheritdoc/>
    public bool Holds(TenantBatch batch)
    {
        // No job id yet: its process is between reserving and enqueueing, or died there; then the lease lapses.
        if (batch.HangfireJobId is null)
            return true;

        using var connection = storage.GetConnection();
        var job = connection.GetJobData(batch.HangfireJobId);
        return job is not null && (job.State is null || OnItsWay.Contains(job.State));
    }
}
