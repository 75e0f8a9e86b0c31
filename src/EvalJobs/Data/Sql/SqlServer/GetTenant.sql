-- One tenant by id.
-- Parameters: @TenantId bigint
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM eval.Tenant
WHERE Id = @TenantId;
