-- Frees tenants whose batch nobody holds any more, some at a time.
-- READPAST: a row that a paused or hung process still locks must not stop the others; the next tick finds it.
-- Parameters: @Limit int
UPDATE TOP (@Limit) eval.TenantBatch WITH (READPAST, ROWLOCK)
SET Status = 'ABANDONED', FinishedAt = SYSUTCDATETIME(), Error = 'The lease lapsed: the process that held this batch vanished.'
WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseUntil < SYSUTCDATETIME();
