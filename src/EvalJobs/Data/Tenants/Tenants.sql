-- list: tenant columns
Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt

-- name: GetTenant
-- One tenant by id.
-- Parameters: @TenantId bigint
SELECT {tenant columns}
FROM {schema}Tenant
WHERE Id = @TenantId;

-- name: LockTenantRow
-- One tenant, locked until the transaction ends.
-- Parameters: @TenantId bigint
SELECT {tenant columns}
FROM {schema}Tenant {with UPDLOCK, ROWLOCK}
WHERE Id = @TenantId;

-- name: FindTenant
-- One tenant by slug.
-- Parameters: @Slug nvarchar(63)
SELECT {tenant columns}
FROM {schema}Tenant
WHERE Slug = @Slug;

-- name: ListTenants
-- Tenants by slug, a page at a time: pass the last slug seen as @AfterSlug, at first the empty one.
-- Parameters: @AfterSlug nvarchar(63), @Limit int
SELECT {top @Limit} {tenant columns}
FROM {schema}Tenant
WHERE Slug > @AfterSlug
ORDER BY Slug
{limit @Limit};

-- name: SetTenantPaused
-- Pauses or resumes a tenant. No row when it is in that state already.
-- Parameters: @TenantId bigint, @IsPaused bit
UPDATE {schema}Tenant
SET IsPaused = @IsPaused
WHERE Id = @TenantId AND IsPaused <> @IsPaused;

-- name: SetTenantLimits
-- Sets a tenant's own limits and worker pool; null means the server's default.
-- Parameters: @TenantId bigint, @BatchLimit int, @PendingWarningThreshold int, @WorkerPool nvarchar(50)
UPDATE {schema}Tenant
SET BatchLimit = @BatchLimit, PendingWarningThreshold = @PendingWarningThreshold, WorkerPool = @WorkerPool
WHERE Id = @TenantId;
