-- Frees tenants whose batch nobody holds any more.
-- Parameters: none
UPDATE eval.TenantBatch
SET Status = 'ABANDONED', FinishedAt = SYSUTCDATETIME(), Error = 'The lease lapsed: the process that held this batch vanished.'
WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseUntil < SYSUTCDATETIME();
