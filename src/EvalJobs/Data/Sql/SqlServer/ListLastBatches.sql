-- The latest batch of each of these tenants (@TenantIds, a JSON array).
-- Parameters: @TenantIds nvarchar(max)
SELECT b.Id, b.DispatchId, b.TenantId, b.Status, b.HangfireJobId, b.LeaseOwner, b.LeaseUntil, b.QueuedAt, b.StartedAt, b.FinishedAt, b.ClaimedCount, b.CompletedCount, b.FailedCount, b.ReleasedCount, b.Error, b.WorkerPool
FROM OPENJSON(@TenantIds) j
JOIN eval.TenantBatch b ON b.Id = (SELECT MAX(s.Id) FROM eval.TenantBatch s WHERE s.TenantId = CAST(j.value AS bigint));
