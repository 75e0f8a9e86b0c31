-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued.
-- The first condition is the index's own: history is not read.
-- Parameters: @Owner nvarchar(200), @BatchIds nvarchar(max), @LeaseMs int
UPDATE eval.TenantBatch
SET LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME())
WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseOwner = @Owner
  AND (Status = 'QUEUED' OR Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@BatchIds) j));
