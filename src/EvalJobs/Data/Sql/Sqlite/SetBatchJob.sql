-- Remembers which Hangfire job carries a batch.
UPDATE TenantBatch
SET HangfireJobId = @HangfireJobId
WHERE Id = @BatchId;
