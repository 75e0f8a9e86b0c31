-- The next batches after an id that this process queued and nobody has taken up for a while, with the pool their tenant belongs to by now:
-- are their Hangfire jobs still on their way? The first condition is the index's own: history is not read.
-- Parameters: @Owner nvarchar(200), @OlderThanMs int, @AfterId bigint, @Limit int
SELECT TOP (@Limit) b.Id, b.HangfireJobId, b.WorkerPool, t.WorkerPool AS TenantPool
FROM eval.TenantBatch b
JOIN eval.Tenant t ON t.Id = b.TenantId
WHERE b.Status IN ('QUEUED', 'RUNNING') AND b.Status = 'QUEUED' AND b.LeaseOwner = @Owner AND b.Id > @AfterId
  AND b.QueuedAt < DATEADD(millisecond, -@OlderThanMs, SYSUTCDATETIME())
ORDER BY b.Id;
