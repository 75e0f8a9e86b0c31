-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued.
UPDATE TenantBatch
SET LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs
WHERE LeaseOwner = @Owner
  AND (Status = 'QUEUED' OR (Status = 'RUNNING' AND Id IN (SELECT value FROM json_each(@BatchIds))));
