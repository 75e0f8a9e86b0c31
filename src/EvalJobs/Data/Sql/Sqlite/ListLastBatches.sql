-- The latest batch of each of these tenants (@TenantIds, a JSON array).
SELECT b.Id, b.DispatchId, b.TenantId, b.Status, b.HangfireJobId, b.LeaseOwner, b.LeaseUntil, b.QueuedAt, b.StartedAt, b.FinishedAt, b.ClaimedCount, b.CompletedCount, b.FailedCount, b.ReleasedCount, b.Error, b.WorkerPool
FROM json_each(@TenantIds) j
JOIN TenantBatch b ON b.Id = (SELECT MAX(s.Id) FROM TenantBatch s WHERE s.TenantId = j.value);
