-- Sets a tenant's own limits and worker pool; null means the server's default.
-- Parameters: @TenantId bigint, @BatchLimit int, @PendingWarningThreshold int, @WorkerPool nvarchar(50)
UPDATE eval.Tenant
SET BatchLimit = @BatchLimit, PendingWarningThreshold = @PendingWarningThreshold, WorkerPool = @WorkerPool
WHERE Id = @TenantId;
