-- name: DeleteOldDispatches
-- Forgets ticks of long ago that no batch refers to any more; never the last one, by which the health check knows that ticks run.
DELETE FROM {schema}Dispatch
WHERE Id IN (SELECT Id FROM {schema}Dispatch ORDER BY Id LIMIT @Limit)
  AND StartedAt < {now - @Days days}
  AND Id < (SELECT MAX(Id) FROM {schema}Dispatch)
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.DispatchId = Dispatch.Id);
