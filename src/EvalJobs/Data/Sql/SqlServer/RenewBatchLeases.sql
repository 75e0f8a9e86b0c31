-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued.
-- Parameters: @Owner nvarchar(200), @BatchIds nvarchar(max), @LeaseMs int
UPDATE eval.TenantBatch
SET LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME())
WHERE LeaseOwner = @Owner
  AND (Status = 'QUEUED' OR (Status = 'RUNNING' AND Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@BatchIds) j)));
