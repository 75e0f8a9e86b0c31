-- Batches after an id, oldest first: what has happened since.
SELECT Id, DispatchId, TenantId, WorkerPool, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt, ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error
FROM TenantBatch
WHERE Id > @AfterId
ORDER BY Id
LIMIT @Limit;
