-- Tenants whose latest batches, of those queued lately, saw so many attempts fail and no run complete. Looks at a few batches of each tenant,
-- however long its history.
-- Parameters: @Batches int, @WithinMs int, @MinAttempts int
SELECT t.Id AS TenantId,
       SUM(CASE r.Status WHEN 'RUNNING' THEN r.Attempt - 1 WHEN 'PENDING' THEN r.Attempt WHEN 'FAILED' THEN r.Attempt ELSE 0 END) AS FailedAttempts,
       MAX(CASE WHEN r.Error IS NOT NULL THEN r.Id END) AS LastRunId
FROM eval.Tenant t
CROSS APPLY (SELECT TOP (@Batches) l.Id, l.QueuedAt FROM eval.TenantBatch l WHERE l.TenantId = t.Id ORDER BY l.Id DESC) b
JOIN eval.EvaluationRun r ON r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL
WHERE b.QueuedAt > DATEADD(millisecond, -@WithinMs, SYSUTCDATETIME())
GROUP BY t.Id
HAVING SUM(CASE WHEN r.Status = 'COMPLETED' THEN 1 ELSE 0 END) = 0
   AND SUM(CASE r.Status WHEN 'RUNNING' THEN r.Attempt - 1 WHEN 'PENDING' THEN r.Attempt WHEN 'FAILED' THEN r.Attempt ELSE 0 END) >= @MinAttempts;
