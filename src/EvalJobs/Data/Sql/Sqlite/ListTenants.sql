-- Tenants by slug, a page at a time: pass the last slug seen as @AfterSlug, at first the empty one.
SELECT Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM Tenant
WHERE Slug > @AfterSlug
ORDER BY Slug
LIMIT @Limit;
