-- Adds a tenant. A second one with the same slug violates UQ_Tenant_Slug.
-- Parameters: @Slug nvarchar(63), @Name nvarchar(200), @BatchLimit int, @PendingWarningThreshold int, @WorkerPool nvarchar(50)
INSERT INTO eval.Tenant (Slug, Name, BatchLimit, PendingWarningThreshold, WorkerPool)
OUTPUT inserted.Id, inserted.Slug, inserted.Name, inserted.IsPaused, inserted.BatchLimit, inserted.PendingWarningThreshold, inserted.WorkerPool, inserted.CreatedAt
VALUES (@Slug, @Name, @BatchLimit, @PendingWarningThreshold, @WorkerPool);
