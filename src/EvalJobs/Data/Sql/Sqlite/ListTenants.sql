-- All tenants by slug.
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM Tenant
ORDER BY Slug;
