-- Queues a batch for a tenant unless it has a live one: then no row. UX_TenantBatch_Live decides between two at once.
-- Parameters: @DispatchId bigint, @TenantId bigint, @WorkerPool nvarchar(50), @Owner nvarchar(200), @LeaseMs int
INSERT INTO eval.TenantBatch (DispatchId, TenantId, WorkerPool, Status, LeaseOwner, LeaseUntil)
OUTPUT inserted.Id
SELECT @DispatchId, @TenantId, @WorkerPool, 'QUEUED', @Owner, DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME())
WHERE NOT EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.TenantId = @TenantId AND b.Status IN ('QUEUED', 'RUNNING'));
