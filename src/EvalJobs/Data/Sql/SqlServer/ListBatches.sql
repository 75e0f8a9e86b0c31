-- A tenant's latest batches, newest first.
-- Parameters: @TenantId bigint, @Limit int
SELECT TOP (@Limit) b.Id, b.DispatchId, b.TenantId, b.Status, b.HangfireJobId, b.LeaseOwner, b.LeaseUntil, b.QueuedAt, b.StartedAt, b.FinishedAt, b.ClaimedCount, b.CompletedCount, b.FailedCount, b.ReleasedCount, b.Error, b.WorkerPool
FROM eval.TenantBatch b
WHERE b.TenantId = @TenantId
ORDER BY b.Id DESC;
