-- A worker takes a queued batch up. No row: it was abandoned or is already being worked, so this delivery has nothing to do.
-- Parameters: @BatchId bigint, @Owner nvarchar(200), @LeaseMs int
UPDATE eval.TenantBatch
SET Status = 'RUNNING', LeaseOwner = @Owner, LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME()), StartedAt = SYSUTCDATETIME()
OUTPUT inserted.Id, inserted.DispatchId, inserted.TenantId, inserted.WorkerPool, inserted.Status, inserted.HangfireJobId, inserted.LeaseOwner, inserted.LeaseUntil, inserted.QueuedAt, inserted.StartedAt, inserted.FinishedAt, inserted.ClaimedCount, inserted.CompletedCount, inserted.FailedCount, inserted.ReleasedCount, inserted.Error
WHERE Id = @BatchId AND Status = 'QUEUED';
