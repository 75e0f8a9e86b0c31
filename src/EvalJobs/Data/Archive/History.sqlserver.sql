-- name: DeleteOldDispatches
-- Forgets ticks of long ago that no batch refers to any more; never the last one, by which the health check knows that ticks run.
-- UPDLOCK and HOLDLOCK: the batches come before the ticks in the order of locks, and a DELETE looks for them once more by itself.
-- Parameters: @Days int, @Limit int
DELETE d
FROM {schema}Dispatch d
WHERE d.Id IN (SELECT TOP (@Limit) Id FROM {schema}Dispatch ORDER BY Id)
  AND d.StartedAt < {now - @Days days}
  AND d.Id < (SELECT MAX(Id) FROM {schema}Dispatch)
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b WITH (UPDLOCK, HOLDLOCK) WHERE b.DispatchId = d.Id);
