-- name: DeleteOldBatches
-- Deletes tenant batches that ended long ago. Ids grow with time, so only the oldest rows are read, without an index.
-- Parameters: @Days int, @Limit int
DELETE FROM {schema}TenantBatch
WHERE Id IN (SELECT {top @Limit} Id FROM {schema}TenantBatch ORDER BY Id {limit @Limit})
  AND FinishedAt < {now - @Days days};

-- name: DeleteOldChanges
-- Deletes the oldest records of the audit trail past their age.
-- Parameters: @Days int, @Limit int
DELETE FROM {schema}ChangeRecord
WHERE Id IN (SELECT {top @Limit} Id FROM {schema}ChangeRecord ORDER BY Id {limit @Limit})
  AND At < {now - @Days days};
