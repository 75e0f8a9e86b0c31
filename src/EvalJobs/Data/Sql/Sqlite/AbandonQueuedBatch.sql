-- Frees a tenant whose queued batch has no Hangfire job any more.
UPDATE TenantBatch
SET Status = 'ABANDONED', FinishedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), Error = @Error
WHERE Id = @BatchId AND Status = 'QUEUED';
