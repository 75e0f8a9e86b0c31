-- A worker takes a queued batch up. None: it was abandoned or is already being worked, so this delivery has nothing to do.
-- Counted and read afterwards, instead of OUTPUT: SetBatchJob may hold the row at this moment, and a TDS server was seen to output nothing after such
-- a wait. The batch would wait for its lease to lapse, with nobody at work.
-- Parameters: @BatchId bigint, @Owner nvarchar(200), @LeaseMs int
UPDATE eval.TenantBatch
SET Status = 'RUNNING', LeaseOwner = @Owner, LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME()), StartedAt = SYSUTCDATETIME()
WHERE Id = @BatchId AND Status = 'QUEUED';
