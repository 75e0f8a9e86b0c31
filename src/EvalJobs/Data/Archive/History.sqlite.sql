-- name: DeleteOldDispatches
-- Deletes old ticks that no batch refers to; never the last one, which the health check reads.
DELETE FROM {schema}Dispatch
WHERE Id IN (SELECT Id FROM {schema}Dispatch ORDER BY Id LIMIT @Limit)
  AND StartedAt < {now - @Days days}
  AND Id < (SELECT MAX(Id) FROM {schema}Dispatch)
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.DispatchId = Dispatch.Id);
