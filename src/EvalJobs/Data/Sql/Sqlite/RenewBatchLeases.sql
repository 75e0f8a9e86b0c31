-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued.
-- The first condition is the index's own: history is not read.
UPDATE TenantBatch
SET LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs
WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseOwner = @Owner
  AND (Status = 'QUEUED' OR Id IN (SELECT value FROM json_each(@BatchIds)));
