-- The latest ticks, newest first.
-- Parameters: @Limit int
SELECT TOP (@Limit) Id, [Trigger], StartedAt, FinishedAt, RequeuedCount, ExhaustedCount, AbandonedBatchCount, TenantCount, QueuedBatchCount
FROM eval.Dispatch
ORDER BY Id DESC;
