-- Queues a batch for a tenant unless it has a live one: then no row. UX_TenantBatch_Live decides between two at once.
INSERT INTO TenantBatch (DispatchId, TenantId, WorkerPool, Status, LeaseOwner, LeaseUntil)
VALUES (@DispatchId, @TenantId, @WorkerPool, 'QUEUED', @Owner, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs)
ON CONFLICT DO NOTHING
RETURNING Id;
