-- Forgets ticks of long ago that no batch refers to any more; never the last one, by which the health check knows that ticks run.
-- Parameters: @Days int, @Limit int
DELETE d
FROM eval.Dispatch d
WHERE d.Id IN (SELECT TOP (@Limit) Id FROM eval.Dispatch ORDER BY Id)
  AND d.StartedAt < DATEADD(day, -@Days, SYSUTCDATETIME())
  AND d.Id < (SELECT MAX(Id) FROM eval.Dispatch)
  AND NOT EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.DispatchId = d.Id);
