-- Of the tenants of ListTenantsDue those with work that came due within so long a time, in the same order.
-- Reads that part of the pending work only.
SELECT t.Id, t.Slug, t.Name, t.IsPaused, t.BatchLimit, t.PendingWarningThreshold, t.WorkerPool, t.CreatedAt
FROM Tenant t
JOIN (SELECT TenantId, MIN(DueAt) AS FirstDueAt
      FROM EvaluationRun INDEXED BY IX_EvaluationRun_PendingByDue
      WHERE Status = 'PENDING' AND DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
        AND DueAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @WithinMs
      GROUP BY TenantId) p ON p.TenantId = t.Id
WHERE t.IsPaused = 0
  AND NOT EXISTS (SELECT 1 FROM TenantBatch b WHERE b.TenantId = t.Id AND b.Status IN ('QUEUED', 'RUNNING'))
ORDER BY COALESCE((SELECT MAX(s.Id) FROM TenantBatch s WHERE s.TenantId = t.Id), 0), p.FirstDueAt, t.Id;
