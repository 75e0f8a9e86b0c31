-- name: AddTenant
-- Adds a tenant. A second one with the same slug violates UQ_Tenant_Slug.
INSERT INTO {schema}Tenant (Slug, Name, BatchLimit, PendingWarningThreshold, WorkerPool)
VALUES (@Slug, @Name, @BatchLimit, @PendingWarningThreshold, @WorkerPool)
RETURNING {tenant columns};
