-- Sets a tenant's own limits and worker pool; null means the server's default.
UPDATE Tenant
SET BatchLimit = @BatchLimit, PendingWarningThreshold = @PendingWarningThreshold, WorkerPool = @WorkerPool
WHERE Id = @TenantId;
