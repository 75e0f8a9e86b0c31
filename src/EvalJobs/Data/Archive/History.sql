-- name: DeleteOldBatches
-- Forgets tenant batches that ended long ago. Ids are given in the order of time, so only the oldest are looked at: no index, no history read.
-- Parameters: @Days int, @Limit int
DELETE FROM {schema}TenantBatch
WHERE Id IN (SELECT {top @Limit} Id FROM {schema}TenantBatch ORDER BY Id {limit @Limit})
  AND FinishedAt < {now - @Days days};

-- name: DeleteOldChanges
-- Forgets the oldest lines of the audit trail past their age.
-- Parameters: @Days int, @Limit int
DELETE FROM {schema}ChangeRecord
WHERE Id IN (SELECT {top @Limit} Id FROM {schema}ChangeRecord ORDER BY Id {limit @Limit})
  AND At < {now - @Days days};
