-- Batches this process queued and nobody has taken up for a while: does their Hangfire job still exist?
-- Parameters: @Owner nvarchar(200), @OlderThanMs int
SELECT Id, DispatchId, TenantId, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt, ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error
FROM eval.TenantBatch
WHERE Status = 'QUEUED' AND LeaseOwner = @Owner AND QueuedAt < DATEADD(millisecond, -@OlderThanMs, SYSUTCDATETIME());
