-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued, some at a time, by tenant.
-- The first condition is the index's own: history is not read. Returns the tenants, of which each has one live batch.
UPDATE TenantBatch
SET LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs
WHERE Id IN (SELECT Id
             FROM TenantBatch
             WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseOwner = @Owner AND TenantId > @AfterTenantId
               AND (Status = 'QUEUED' OR Id IN (SELECT value FROM json_each(@BatchIds)))
             ORDER BY TenantId
             LIMIT @Limit)
RETURNING TenantId;
