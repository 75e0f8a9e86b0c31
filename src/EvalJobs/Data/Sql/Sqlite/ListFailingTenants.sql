-- Tenants whose latest batches, of those queued lately, counted so many failed attempts and completed no run. Looks at a few batches of each
-- tenant, however long its history; CROSS JOIN keeps that order. A batch counts its failures when it ends: a long suite's turn is none, nor is what
-- a killed server left. Completed runs are looked for themselves: those of a batch that goes on, or never came to its end, count too.
SELECT t.Id AS TenantId, SUM(b.FailedCount) AS FailedAttempts,
       MAX((SELECT MAX(r.Id) FROM EvaluationRun r WHERE r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL AND r.Error IS NOT NULL)) AS LastRunId
FROM Tenant t
CROSS JOIN TenantBatch b ON b.Id IN (SELECT l.Id FROM TenantBatch l WHERE l.TenantId = t.Id ORDER BY l.Id DESC LIMIT @Batches)
WHERE b.QueuedAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @WithinMs
GROUP BY t.Id
HAVING SUM(b.FailedCount) >= @MinAttempts
   AND MAX(EXISTS (SELECT 1 FROM EvaluationRun r WHERE r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL AND r.Status = 'COMPLETED')) = 0;
