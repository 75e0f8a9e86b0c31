-- Tenants by slug, a page at a time: pass the last slug seen as @AfterSlug, at first the empty one.
-- Parameters: @AfterSlug nvarchar(63), @Limit int
SELECT TOP (@Limit) Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt
FROM eval.Tenant
WHERE Slug > @AfterSlug
ORDER BY Slug;
