-- One batch.
SELECT Id, DispatchId, TenantId, WorkerPool, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt, ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error
FROM TenantBatch
WHERE Id = @BatchId;
