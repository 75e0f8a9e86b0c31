-- The next batches after an id that this process queued and nobody has taken up for a while, with the pool their tenant belongs to by now:
-- are their Hangfire jobs still on their way? The first condition is the index's own: history is not read.
SELECT b.Id, b.HangfireJobId, b.WorkerPool, t.WorkerPool AS TenantPool
FROM TenantBatch b
JOIN Tenant t ON t.Id = b.TenantId
WHERE b.Status IN ('QUEUED', 'RUNNING') AND b.Status = 'QUEUED' AND b.LeaseOwner = @Owner AND +b.Id > @AfterId
  AND b.QueuedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @OlderThanMs
ORDER BY +b.Id
LIMIT @Limit;
