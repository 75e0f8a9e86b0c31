-- What each tenant has waiting and running, and what the last health check said. A run in backoff has no age yet.
SELECT t.Id AS TenantId, t.Slug, t.Name, t.IsPaused, t.PendingWarningThreshold, t.WorkerPool,
       COALESCE(p.PendingCount, 0) AS PendingCount, CASE WHEN p.FirstDueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) THEN CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - p.FirstDueAt END AS OldestPendingAgeMs,
       COALESCE(l.RunningCount, 0) AS RunningCount, COALESCE(l.ExpiredLeaseCount, 0) AS ExpiredLeaseCount,
       h.Status AS PreviousStatus, h.Since AS PreviousSince
FROM Tenant t
LEFT JOIN (SELECT TenantId, COUNT(*) AS PendingCount, MIN(DueAt) AS FirstDueAt
           FROM EvaluationRun INDEXED BY IX_EvaluationRun_PendingByAge
           WHERE Status = 'PENDING'
           GROUP BY TenantId) p ON p.TenantId = t.Id
LEFT JOIN (SELECT TenantId, COUNT(*) AS RunningCount, SUM(CASE WHEN LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) THEN 1 ELSE 0 END) AS ExpiredLeaseCount
           FROM EvaluationRun INDEXED BY IX_EvaluationRun_Running
           WHERE Status = 'RUNNING'
           GROUP BY TenantId) l ON l.TenantId = t.Id
LEFT JOIN TenantHealth h ON h.TenantId = t.Id
ORDER BY t.Slug;
