-- name: DeleteOldDispatches
-- Deletes old ticks that no batch refers to; never the last one, which the health check reads.
-- UPDLOCK and HOLDLOCK: the batches come before the ticks in the order of locks, and the DELETE checks the foreign key again.
-- Parameters: @Days int, @Limit int
DELETE d
FROM {schema}Dispatch d
WHERE d.Id IN (SELECT TOP (@Limit) Id FROM {schema}Dispatch ORDER BY Id)
  AND d.StartedAt < {now - @Days days}
  AND d.Id < (SELECT MAX(Id) FROM {schema}Dispatch)
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b WITH (UPDLOCK, HOLDLOCK) WHERE b.DispatchId = d.Id);
