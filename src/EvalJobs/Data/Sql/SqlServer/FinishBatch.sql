-- Ends a batch with its counts, if its worker still holds it.
-- Parameters: @BatchId bigint, @Owner nvarchar(200), @Status varchar(20), @ClaimedCount int, @CompletedCount int, @FailedCount int, @ReleasedCount int, @Error nvarchar(max)
UPDATE eval.TenantBatch
SET Status = @Status, FinishedAt = SYSUTCDATETIME(), ClaimedCount = @ClaimedCount, CompletedCount = @CompletedCount,
    FailedCount = @FailedCount, ReleasedCount = @ReleasedCount, Error = @Error
WHERE Id = @BatchId AND Status = 'RUNNING' AND LeaseOwner = @Owner;
