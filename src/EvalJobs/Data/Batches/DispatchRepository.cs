using System.Data.Common;
using System.Text.Json;
using EvalJobs.Domain;

namespace EvalJobs.Data;

/// <summary>Stores ticks and tenant batches. The unique index of live batches makes overlapping ticks harmless.</summary>
internal sealed class DispatchRepository(EvaluationDatabase database)
{
    /// <summary>Batches one statement changes at most: SQL Server locks the whole table when one takes some 5,000 rows of it.</summary>
    private const int StatementRows = 1000;

    /// <summary>Adds the record of a tick.</summary>
    public Task<long> StartAsync(DispatchTrigger trigger, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(db => db.QuerySingleAsync<long>(SqlQuery.StartDispatch, new { Trigger = StoredWord.Of(trigger) }), cancellationToken);

    /// <summary>Completes the record of a tick with its counts.</summary>
    public Task FinishAsync(DispatchSummary summary, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(db => db.ExecuteAsync(SqlQuery.FinishDispatch, summary), cancellationToken);

    /// <returns>The latest ticks, newest first.</returns>
    public Task<IReadOnlyList<Dispatch>> ListAsync(int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<Dispatch>(SqlQuery.ListDispatches, new { Limit = limit }, cancellationToken);

    /// <returns>Tenants with due work, neither paused nor being served, the one served longest ago first.</returns>
    public Task<IReadOnlyList<Tenant>> ListTenantsDueAsync(CancellationToken cancellationToken) =>
        database.QueryAsync<Tenant>(SqlQuery.ListTenantsDue, null, cancellationToken);

    /// <returns>Of these tenants those with work that came due within so long a time, in the same order; the cost follows that work only.</returns>
    public Task<IReadOnlyList<Tenant>> ListTenantsLatelyDueAsync(TimeSpan within, CancellationToken cancellationToken) =>
        database.QueryAsync<Tenant>(SqlQuery.ListTenantsLatelyDue, new { WithinMs = (int)within.TotalMilliseconds }, cancellationToken);

    /// <returns>Of these tenants those with work that came due within so long a time and since their newest batch was queued; the cost follows that work only.</returns>
    public Task<IReadOnlyList<Tenant>> ListTenantsNewlyDueAsync(TimeSpan within, CancellationToken cancellationToken) =>
        database.QueryAsync<Tenant>(SqlQuery.ListTenantsNewlyDue, new { WithinMs = Milliseconds.Of(within) }, cancellationToken);

    /// <returns>Whether the tenant has work due now and is not paused.</returns>
    public async Task<bool> HasDueRunsAsync(long tenantId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<int>(SqlQuery.HasDueRuns, new { TenantId = tenantId }, cancellationToken) > 0;

    /// <summary>Queues a batch for a tenant.</summary>
    /// <returns>Its id; null when the tenant has a live batch already, or another process has been writing one for two seconds.</returns>
    public async Task<long?> ReserveBatchAsync(
        long? dispatchId, Tenant tenant, string owner, TimeSpan lease, CancellationToken cancellationToken)
    {
        try
        {
            return await database.WriteBookkeepingAsync(
                db => db.QuerySingleOrDefaultAsync<long?>(
                    SqlQuery.ReserveBatch,
                    new { DispatchId = dispatchId, TenantId = tenant.Id, tenant.WorkerPool, Owner = owner, LeaseMs = (int)lease.TotalMilliseconds }),
                cancellationToken);
        }
        catch (DbException error) when (error.IsUniqueViolation() || error.IsLockTimeout())
        {
            return null;
        }
    }

    /// <summary>Stores the Hangfire job of a batch.</summary>
    public Task SetJobAsync(long batchId, string hangfireJobId, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(db => db.ExecuteAsync(SqlQuery.SetBatchJob, new { BatchId = batchId, HangfireJobId = hangfireJobId }), cancellationToken);

    /// <summary>Starts a queued batch.</summary>
    /// <returns>The batch, now RUNNING; null when it is no longer queued and this job has nothing to do.</returns>
    public Task<TenantBatch?> BeginBatchAsync(long batchId, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(
            async db => await db.ExecuteOneAsync(SqlQuery.BeginBatch, new { BatchId = batchId, Owner = owner, LeaseMs = (int)lease.TotalMilliseconds })
                ? await db.QuerySingleAsync<TenantBatch>(SqlQuery.GetBatch, new { BatchId = batchId })
                : null,
            cancellationToken);

    /// <summary>
    /// Starts a queued batch within the share of its tenant: while others wait, tenants whose latest attempt got no answer hold at most a quarter of a
    /// pool's workers, at least one, on all servers together.
    /// </summary>
    /// <returns>The batch, RUNNING; still QUEUED when the share is used up; null when it is no longer queued and this job has nothing to do.</returns>
    public Task<TenantBatch?> BeginBatchInShareAsync(long batchId, string owner, TimeSpan lease, CancellationToken cancellationToken) =>
        database.WriteBookkeepingAsync(async db =>
        {
            var begins = await db.ExecuteOneAsync(
                SqlQuery.BeginBatchInShare, new { BatchId = batchId, Owner = owner, LeaseMs = (int)lease.TotalMilliseconds, Tenant.CommonPool });
            var batch = await db.QuerySingleOrDefaultAsync<TenantBatch>(SqlQuery.GetBatch, new { BatchId = batchId });
            return begins || batch?.Status == BatchStatus.Queued ? batch : null;
        }, cancellationToken);

    /// <returns>Whether a batch of another tenant waits for a worker of the batch's pool.</returns>
    public async Task<bool> AreOthersWaitingAsync(long batchId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<int>(SqlQuery.AreOthersWaiting, new { BatchId = batchId, Tenant.CommonPool }, cancellationToken) > 0;

    /// <summary>Ends a batch.</summary>
    /// <returns>False when its lease was lost; nothing was changed then.</returns>
    public async Task<bool> FinishBatchAsync(
        TenantBatch batch, BatchStatus status, BatchCounts counts, string? error, CancellationToken cancellationToken) =>
        await database.WriteBookkeepingAsync(
            db => db.ExecuteOneAsync(SqlQuery.FinishBatch, new
            {
                BatchId = batch.Id,
                Owner = batch.LeaseOwner,
                Status = StoredWord.Of(status),
                ClaimedCount = counts.Claimed,
                CompletedCount = counts.Completed,
                FailedCount = counts.Failed,
                ReleasedCount = counts.Released,
                Error = StoredText.Clean(error),
            }),
            cancellationToken);

    /// <summary>Extends the leases of the batches the owner works and of those it queued.</summary>
    /// <remarks>In steps. If the renewal is stopped, the other batches keep their leases.</remarks>
    public async Task RenewBatchesAsync(string owner, IReadOnlyCollection<long> workedBatchIds, TimeSpan lease, CancellationToken cancellationToken)
    {
        IReadOnlyList<long> renewed = [0];
        do
        {
            var afterTenantId = renewed.Max();
            renewed = await database.WriteBookkeepingAsync(
                db => db.QueryAsync<long>(SqlQuery.RenewBatchLeases, new
                {
                    Owner = owner,
                    BatchIds = JsonSerializer.Serialize(workedBatchIds),
                    LeaseMs = (int)lease.TotalMilliseconds,
                    AfterTenantId = afterTenantId,
                    Limit = StatementRows,
                }),
                cancellationToken);
        }
        while (renewed.Count == StatementRows);
    }

    /// <summary>Frees tenants whose live batch has an expired lease.</summary>
    /// <returns>How many.</returns>
    /// <remarks>In steps. If the call is stopped, the other batches stay expired.</remarks>
    public async Task<int> AbandonExpiredBatchesAsync(CancellationToken cancellationToken)
    {
        var total = 0;
        int abandoned;
        do
        {
            abandoned = await database.WriteBookkeepingAsync(db => db.ExecuteAsync(SqlQuery.AbandonExpiredBatches, new { Limit = StatementRows }), cancellationToken);
            total += abandoned;
        }
        while (abandoned == StatementRows);
        return total;
    }

    /// <summary>Frees a tenant whose queued batch has lost its Hangfire job.</summary>
    /// <returns>False when it is not queued any more.</returns>
    public async Task<bool> AbandonQueuedBatchAsync(long batchId, string error, CancellationToken cancellationToken) =>
        await database.WriteBookkeepingAsync(db => db.ExecuteOneAsync(SqlQuery.AbandonQueuedBatch, new { BatchId = batchId, Error = StoredText.Clean(error) }), cancellationToken);

    /// <returns>The next batches after an id that the owner queued and no worker has started for a while, by id.</returns>
    public Task<IReadOnlyList<QueuedBatch>> ListStaleQueuedBatchesAsync(
        string owner, TimeSpan olderThan, long afterId, int limit, CancellationToken cancellationToken) =>
        database.QueryAsync<QueuedBatch>(
            SqlQuery.ListStaleQueuedBatches, new { Owner = owner, OlderThanMs = (int)olderThan.TotalMilliseconds, AfterId = afterId, Limit = limit }, cancellationToken);

    /// <exception cref="NotFoundException">No such batch.</exception>
    public async Task<TenantBatch> GetBatchAsync(long batchId, CancellationToken cancellationToken) =>
        await database.QuerySingleOrDefaultAsync<TenantBatch>(SqlQuery.GetBatch, new { BatchId = batchId }, cancellationToken)
        ?? throw new NotFoundException($"There is no tenant batch {batchId}.");

    /// <returns>How many batches are queued or being worked.</returns>
    public Task<int> CountLiveBatchesAsync(CancellationToken cancellationToken) =>
        database.QuerySingleOrDefaultAsync<int>(SqlQuery.CountLiveBatches, null, cancellationToken);
}

/// <summary>A batch that waits for a worker.</summary>
internal sealed record QueuedBatch
{
    /// <summary>The batch.</summary>
    public required long Id { get; init; }

    /// <summary>Its Hangfire job; null when it never got one.</summary>
    public string? HangfireJobId { get; init; }

    /// <summary>The pool it was queued in; null means the common one.</summary>
    public string? WorkerPool { get; init; }

    /// <summary>The pool its tenant belongs to now.</summary>
    public string? TenantPool { get; init; }
}
