-- One tenant by slug.
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM Tenant
WHERE Slug = @Slug;
