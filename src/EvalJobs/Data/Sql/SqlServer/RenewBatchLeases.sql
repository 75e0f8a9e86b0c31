-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued, some at a time, by tenant.
-- The first condition is the index's own: history is not read. Returns the tenants, of which each has one live batch.
-- Some, because SQL Server locks the whole table when one statement takes some 5000 rows of it. No lock while choosing: other servers' batches
-- are read on the way. So the conditions stand outside once more, for the row as it is when it is changed.
-- Parameters: @Owner nvarchar(200), @BatchIds nvarchar(max), @LeaseMs int, @AfterTenantId bigint, @Limit int
UPDATE b
SET LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME())
OUTPUT inserted.TenantId
FROM eval.TenantBatch b
JOIN (SELECT TOP (@Limit) o.Id
      FROM eval.TenantBatch o
      WHERE o.Status IN ('QUEUED', 'RUNNING') AND o.LeaseOwner = @Owner AND o.TenantId > @AfterTenantId
        AND (o.Status = 'QUEUED' OR o.Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@BatchIds) j))
      ORDER BY o.TenantId) c ON c.Id = b.Id
WHERE b.Status IN ('QUEUED', 'RUNNING') AND b.LeaseOwner = @Owner;
