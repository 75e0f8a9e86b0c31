using System.Diagnostics;
using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution.Telemetry;
using EvalJobs.Jobs.Telemetry;
using Hangfire;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>The child job: works at most BatchLimit runs of one tenant.</summary>
/// <remarks>Retries are ours, not Hangfire's: a run whose attempt failed waits in our tables. A second delivery of a batch finds that it is not queued.</remarks>
[AutomaticRetry(Attempts = 0)]
[ContinueTrace]
internal sealed class TenantBatchJob(
    TenantBatchLifecycle lifecycle, TenantRepository tenants, TenantBatchWorker worker, TenantBatchContinuation continuation, ILogger<TenantBatchJob> logger)
{
    private static readonly Func<ILogger, string, long, IDisposable?> BatchScope =
        LoggerMessage.DefineScope<string, long>("Tenant {Tenant}, batch {BatchId}");

    /// <summary>Works the batch.</summary>
    /// <param name="batchId">A plain number: Hangfire stores job arguments as JSON.</param>
    /// <param name="cancellationToken">Cancelled by Hangfire at shutdown or when an operator deletes the job.</param>
    /// <returns>What was done; the dashboard shows it as the job's result.</returns>
    /// <exception cref="OperationCanceledException">The server is stopping; unfinished runs were released.</exception>
    [TenantBatchName]
    public async Task<TenantBatchSummary> RunAsync(long batchId, CancellationToken cancellationToken)
    {
        using var held = await lifecycle.BeginAsync(batchId, cancellationToken);
        if (held is null)
            return TenantBatchSummary.NothingToDo(batchId);

        var batch = held.Batch;
        var tally = new BatchTally();
        Tenant tenant;
        try
        {
            tenant = await tenants.GetAsync(batch.TenantId, cancellationToken);
        }
        catch (Exception error)
        {
            await lifecycle.EndEarlyAsync(batch, tally.Counts, error);
            throw;
        }

        // Open until the batch's last line is written.
        using var scope = BatchScope(logger, tenant.Slug, batchId);
        Activity.Current?.SetTag(EvaluationTrace.Tenant, tenant.Slug).SetTag("evaljobs.batch.id", batchId);
        try
        {
            await worker.WorkAsync(batch, tenant, tally, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
        }
        catch (Exception error)
        {
            await lifecycle.EndEarlyAsync(batch, tally.Counts, error);
            throw;
        }

        await lifecycle.CompleteAsync(batch, tally.Counts);

        // A batch that could claim no run does not continue, because it would repeat without pause: the next tick tries again.
        if (tally.Counts.Claimed > 0)
            await continuation.ContinueAsync(batch.TenantId, batch.DispatchId, cancellationToken);
        return new TenantBatchSummary(batchId, tenant.Slug, tenant.Name, tally.Counts);
    }
}

/// <summary>What a tenant batch did.</summary>
/// <param name="BatchId">The batch.</param>
/// <param name="TenantSlug">The tenant's short name; null when there was nothing to do.</param>
/// <param name="TenantName">The tenant's name.</param>
/// <param name="Counts">Runs by outcome.</param>
internal sealed record TenantBatchSummary(long BatchId, string? TenantSlug, string? TenantName, BatchCounts Counts)
{
    /// <summary>The batch was started by another delivery, or abandoned.</summary>
    public static TenantBatchSummary NothingToDo(long batchId) => new(batchId, null, null, default);
}
