-- Frees tenants whose batch nobody holds any more, some at a time.
UPDATE TenantBatch
SET Status = 'ABANDONED', FinishedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), Error = 'The lease lapsed: the process that held this batch vanished.'
WHERE Id IN (SELECT Id FROM TenantBatch WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) LIMIT @Limit);
