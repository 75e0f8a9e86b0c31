-- Queues a batch for a tenant unless it has a live one: then no row. UX_TenantBatch_Live decides between two at once.
INSERT INTO TenantBatch (DispatchId, TenantId, Status, LeaseOwner, LeaseUntil)
VALUES (@DispatchId, @TenantId, 'QUEUED', @Owner, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs)
ON CONFLICT DO NOTHING
RETURNING Id;
