-- A worker takes a queued batch up. None: it was abandoned or is already being worked, so this delivery has nothing to do.
UPDATE TenantBatch
SET Status = 'RUNNING', LeaseOwner = @Owner, LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs, StartedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
WHERE Id = @BatchId AND Status = 'QUEUED';
