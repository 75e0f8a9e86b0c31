-- One batch.
-- Parameters: @BatchId bigint
SELECT Id, DispatchId, TenantId, WorkerPool, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt, ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error
FROM eval.TenantBatch
WHERE Id = @BatchId;
