-- Forgets tenant batches that ended long ago. Ids are given in the order of time, so only the oldest are looked at: no index, no history read.
DELETE FROM TenantBatch
WHERE Id IN (SELECT Id FROM TenantBatch ORDER BY Id LIMIT @Limit)
  AND FinishedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000;
