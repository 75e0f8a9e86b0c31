-- Frees a tenant whose queued batch has no Hangfire job any more.
-- Parameters: @BatchId bigint, @Error nvarchar(max)
UPDATE eval.TenantBatch
SET Status = 'ABANDONED', FinishedAt = SYSUTCDATETIME(), Error = @Error
WHERE Id = @BatchId AND Status = 'QUEUED';
