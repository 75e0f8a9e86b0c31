-- Closes the record of one tick with its counts.
UPDATE Dispatch
SET FinishedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), RequeuedCount = @RequeuedCount, ExhaustedCount = @ExhaustedCount,
    AbandonedBatchCount = @AbandonedBatchCount, TenantCount = @TenantCount, QueuedBatchCount = @QueuedBatchCount
WHERE Id = @DispatchId;
