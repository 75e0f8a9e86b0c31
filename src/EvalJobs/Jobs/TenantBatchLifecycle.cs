using EvalJobs.Data;
using EvalJobs.Domain;
using EvalJobs.Execution;
using EvalJobs.Execution.Telemetry;
using Microsoft.Extensions.Logging;

namespace EvalJobs.Jobs;

/// <summary>Begins a tenant batch, keeps its lease while it is worked, and stores its end.</summary>
internal sealed partial class TenantBatchLifecycle(
    DispatchRepository dispatches, ITenantBatchQueue queue, WorkerPools pools, LeaseRegistry leases, ProcessIdentity process, ExecutionOptions options, EvaluationMetrics metrics,
    ILogger<TenantBatchLifecycle> logger)
{
    /// <summary>Starts a queued batch.</summary>
    /// <returns>
    /// The batch, held until it is disposed; null when it is no longer queued (another delivery started it, or it was abandoned), or was postponed: its tenant's
    /// latest attempt got no answer, others wait, and such tenants use their share of the pool's workers already.
    /// </returns>
    public async Task<HeldBatch?> BeginAsync(long batchId, CancellationToken cancellationToken)
    {
        // A process that works no pool, such as the command 'process', uses no worker of a pool.
        var batch = pools.Pools.Count == 0
            ? await dispatches.BeginBatchAsync(batchId, process.Name, options.Lease, cancellationToken)
            : await dispatches.BeginBatchInShareAsync(batchId, process.Name, options.Lease, cancellationToken);
        if (batch?.Status != BatchStatus.Queued)
            return batch is null ? null : new HeldBatch(batch, leases.HoldBatch(batchId));

        LogPutOff(batchId);
        metrics.BatchPutOff();
        await dispatches.SetJobAsync(batchId, queue.EnqueueLater(batchId, batch.WorkerPool), CancellationToken.None);
        return null;
    }

    /// <summary>Ends a batch that worked to its end.</summary>
    public Task CompleteAsync(TenantBatch batch, BatchCounts counts) => FinishAsync(batch, BatchStatus.Completed, counts, error: null);

    /// <summary>Ends a batch that an exception ended early. Never throws: that exception is the one to report.</summary>
    public Task EndEarlyAsync(TenantBatch batch, BatchCounts counts, Exception error)
    {
        if (error is OperationCanceledException)
            LogStopped();
        else
            LogEndedEarly(error);
        return FinishAsync(batch, error is OperationCanceledException ? BatchStatus.Abandoned : BatchStatus.Failed, counts, error);
    }

    private async Task FinishAsync(TenantBatch batch, BatchStatus status, BatchCounts counts, Exception? error)
    {
        var message = error switch
        {
            null => null,
            OperationCanceledException => "Stopped before its end; unfinished runs were released.",
            _ => $"{error.GetType().Name}: {error.Message}",
        };

        try
        {
            if (!await dispatches.FinishBatchAsync(batch, status, counts, message, CancellationToken.None))
                LogLeaseExpired();
        }
        catch (Exception second) when (error is not null)
        {
            // The first error is the one to report; the batch's lease expires by itself.
            LogEndNotStored(second);
        }

        LogEnded(StoredWord.Of(status), counts.Claimed, counts.Completed, counts.Failed, counts.Released);
    }

    [LoggerMessage(1105, LogLevel.Information, "Batch {BatchId} was put off: others wait, and tenants whose agents do not answer have their share of the workers")]
    private partial void LogPutOff(long batchId);

    [LoggerMessage(1100, LogLevel.Information, "Batch {Status}: {Claimed} claimed, {Completed} completed, {Failed} failed, {Released} released")]
    private partial void LogEnded(string status, int claimed, int completed, int failed, int released);

    [LoggerMessage(1101, LogLevel.Information, "The batch was stopped")]
    private partial void LogStopped();

    [LoggerMessage(1102, LogLevel.Warning, "The batch ended early")]
    private partial void LogEndedEarly(Exception error);

    [LoggerMessage(1103, LogLevel.Warning, "The batch's own lease had expired; its runs are protected by their fences")]
    private partial void LogLeaseExpired();

    [LoggerMessage(1104, LogLevel.Error, "The end of the batch could not be stored")]
    private partial void LogEndNotStored(Exception error);
}

/// <summary>A batch this process works; its lease is kept until it is disposed.</summary>
internal sealed class HeldBatch(TenantBatch batch, IDisposable hold) : IDisposable
{
    /// <summary>The batch, RUNNING.</summary>
    public TenantBatch Batch => batch;

    /// <inheritdoc/>
    public void Dispose() => hold.Dispose();
}
