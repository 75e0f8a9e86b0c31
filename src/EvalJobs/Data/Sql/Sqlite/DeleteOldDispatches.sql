-- Forgets ticks of long ago that no batch refers to any more; never the last one, by which the health check knows that ticks run.
DELETE FROM Dispatch
WHERE Id IN (SELECT Id FROM Dispatch ORDER BY Id LIMIT @Limit)
  AND StartedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000
  AND Id < (SELECT MAX(Id) FROM Dispatch)
  AND NOT EXISTS (SELECT 1 FROM TenantBatch b WHERE b.DispatchId = Dispatch.Id);
