-- Closes the record of one tick with its counts.
-- Parameters: @DispatchId bigint, @RequeuedCount int, @ExhaustedCount int, @AbandonedBatchCount int, @TenantCount int, @QueuedBatchCount int
UPDATE eval.Dispatch
SET FinishedAt = SYSUTCDATETIME(), RequeuedCount = @RequeuedCount, ExhaustedCount = @ExhaustedCount,
    AbandonedBatchCount = @AbandonedBatchCount, TenantCount = @TenantCount, QueuedBatchCount = @QueuedBatchCount
WHERE Id = @DispatchId;
