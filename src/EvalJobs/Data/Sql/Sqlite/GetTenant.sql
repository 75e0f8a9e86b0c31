-- One tenant by id.
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM Tenant
WHERE Id = @TenantId;
