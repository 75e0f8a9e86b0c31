-- One tenant by slug.
-- Parameters: @Slug nvarchar(63)
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM eval.Tenant
WHERE Slug = @Slug;
