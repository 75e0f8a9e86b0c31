-- Batches after an id, oldest first: what has happened since.
-- Parameters: @AfterId bigint, @Limit int
SELECT TOP (@Limit) Id, DispatchId, TenantId, WorkerPool, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt, ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error
FROM eval.TenantBatch
WHERE Id > @AfterId
ORDER BY Id;
