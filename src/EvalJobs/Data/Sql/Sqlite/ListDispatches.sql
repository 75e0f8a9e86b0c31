-- The latest ticks, newest first.
SELECT Id, [Trigger], StartedAt, FinishedAt, RequeuedCount, ExhaustedCount, AbandonedBatchCount, TenantCount, QueuedBatchCount
FROM Dispatch
ORDER BY Id DESC
LIMIT @Limit;
