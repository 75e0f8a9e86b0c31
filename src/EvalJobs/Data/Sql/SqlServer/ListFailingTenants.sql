-- Tenants whose latest batches, of those queued lately, counted so many failed attempts and completed no run. Looks at a few batches of each
-- tenant, however long its history. A batch counts its failures when it ends: a long suite's turn is none, nor is what a killed server left.
-- Completed runs are looked for themselves: those of a batch that goes on, or never came to its end, count too.
-- Parameters: @Batches int, @WithinMs int, @MinAttempts int
SELECT t.Id AS TenantId, SUM(b.FailedCount) AS FailedAttempts, MAX(w.LastRunId) AS LastRunId
FROM eval.Tenant t
CROSS APPLY (SELECT TOP (@Batches) l.Id, l.QueuedAt, l.FailedCount FROM eval.TenantBatch l WHERE l.TenantId = t.Id ORDER BY l.Id DESC) b
CROSS APPLY (SELECT MAX(CASE WHEN r.Error IS NOT NULL THEN r.Id END) AS LastRunId, COUNT(CASE WHEN r.Status = 'COMPLETED' THEN 1 END) AS CompletedCount
             FROM eval.EvaluationRun r
             WHERE r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL) w
WHERE b.QueuedAt > DATEADD(millisecond, -@WithinMs, SYSUTCDATETIME())
GROUP BY t.Id
HAVING SUM(b.FailedCount) >= @MinAttempts AND SUM(w.CompletedCount) = 0;
