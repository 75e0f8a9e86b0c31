-- Remembers which Hangfire job carries a batch.
-- Parameters: @BatchId bigint, @HangfireJobId nvarchar(100)
UPDATE eval.TenantBatch
SET HangfireJobId = @HangfireJobId
WHERE Id = @BatchId;
