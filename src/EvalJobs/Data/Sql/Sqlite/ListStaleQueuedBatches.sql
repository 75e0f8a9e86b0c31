-- Batches this process queued and nobody has taken up for a while: does their Hangfire job still exist?
SELECT Id, DispatchId, TenantId, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt, ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error
FROM TenantBatch
WHERE Status = 'QUEUED' AND LeaseOwner = @Owner AND QueuedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @OlderThanMs;
