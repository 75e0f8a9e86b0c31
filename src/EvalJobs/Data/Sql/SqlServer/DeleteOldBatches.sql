-- Forgets tenant batches that ended long ago. Ids are given in the order of time, so only the oldest are looked at: no index, no history read.
-- Parameters: @Days int, @Limit int
DELETE FROM eval.TenantBatch
WHERE Id IN (SELECT TOP (@Limit) Id FROM eval.TenantBatch ORDER BY Id)
  AND FinishedAt < DATEADD(day, -@Days, SYSUTCDATETIME());
