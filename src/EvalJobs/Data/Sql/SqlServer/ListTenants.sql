-- All tenants by slug.
-- Parameters: none
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM eval.Tenant
ORDER BY Slug;
