-- Ends a batch with its counts, if its worker still holds it.
UPDATE TenantBatch
SET Status = @Status, FinishedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), ClaimedCount = @ClaimedCount, CompletedCount = @CompletedCount,
    FailedCount = @FailedCount, ReleasedCount = @ReleasedCount, Error = @Error
WHERE Id = @BatchId AND Status = 'RUNNING' AND LeaseOwner = @Owner;
