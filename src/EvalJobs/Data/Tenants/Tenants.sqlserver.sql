-- name: AddTenant
-- Adds a tenant. A second one with the same slug violates UQ_Tenant_Slug.
-- Parameters: @Slug nvarchar(63), @Name nvarchar(200), @BatchLimit int, @PendingWarningThreshold int, @WorkerPool nvarchar(50)
INSERT INTO {schema}Tenant (Slug, Name, BatchLimit, PendingWarningThreshold, WorkerPool)
OUTPUT {tenant columns of inserted}
VALUES (@Slug, @Name, @BatchLimit, @PendingWarningThreshold, @WorkerPool);
