-- Adds a tenant. A second one with the same slug violates UQ_Tenant_Slug.
INSERT INTO Tenant (Slug, Name, BatchLimit, PendingWarningThreshold, WorkerPool)
VALUES (@Slug, @Name, @BatchLimit, @PendingWarningThreshold, @WorkerPool)
RETURNING Id, Slug, Name, IsPaused, BatchLimit, PendingWarningThreshold, WorkerPool, CreatedAt;
