-- name: ListDayFlow
-- What came in and what ended in the last 24 hours, per tenant and full hour before now (0 to 23). Reads two indexes, no rows.
-- Parameters: none
SELECT x.TenantId, x.HoursAgo,
       SUM(x.CreatedCount) AS CreatedCount, SUM(x.CompletedCount) AS CompletedCount, SUM(x.FailedCount) AS FailedCount,
       SUM(x.CancelledCount) AS CancelledCount, SUM(x.PassedCaseCount) AS PassedCaseCount, SUM(x.CaseCount) AS CaseCount
FROM (SELECT TenantId, {milliseconds since CreatedAt} / 3600000 AS HoursAgo,
             1 AS CreatedCount, 0 AS CompletedCount, 0 AS FailedCount, 0 AS CancelledCount, 0 AS PassedCaseCount, 0 AS CaseCount
      FROM {schema}EvaluationRun
      WHERE CreatedAt > {now - 1 days}
      UNION ALL
      SELECT TenantId, {milliseconds since CompletedAt} / 3600000, 0,
             CASE WHEN Status = 'COMPLETED' THEN 1 ELSE 0 END, CASE WHEN Status = 'FAILED' THEN 1 ELSE 0 END, CASE WHEN Status = 'CANCELLED' THEN 1 ELSE 0 END,
             CASE WHEN Status = 'COMPLETED' THEN PassedCount ELSE 0 END, CASE WHEN Status = 'COMPLETED' THEN CaseCount ELSE 0 END
      FROM {schema}EvaluationRun
      WHERE CompletedAt > {now - 1 days}) x
GROUP BY x.TenantId, x.HoursAgo;

-- name: ListTenantLoad
-- What each tenant has waiting and running, and what the last health check said. A run in backoff has no age yet.
-- Parameters: none
SELECT t.Id AS TenantId, t.Slug, t.Name, t.IsPaused, t.PendingWarningThreshold, t.WorkerPool,
       COALESCE(p.PendingCount, 0) AS PendingCount, CASE WHEN p.FirstDueAt <= {now} THEN {milliseconds since p.FirstDueAt} END AS OldestPendingAgeMs,
       COALESCE(l.RunningCount, 0) AS RunningCount, COALESCE(l.ExpiredLeaseCount, 0) AS ExpiredLeaseCount,
       h.Status AS PreviousStatus, h.Since AS PreviousSince
FROM {schema}Tenant t
LEFT JOIN (SELECT TenantId, COUNT(*) AS PendingCount, MIN(DueAt) AS FirstDueAt
           FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_PendingByAge}
           WHERE Status = 'PENDING'
           GROUP BY TenantId) p ON p.TenantId = t.Id
LEFT JOIN (SELECT TenantId, COUNT(*) AS RunningCount, SUM(CASE WHEN LeaseUntil < {now} THEN 1 ELSE 0 END) AS ExpiredLeaseCount
           FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_Running}
           WHERE Status = 'RUNNING'
           GROUP BY TenantId) l ON l.TenantId = t.Id
LEFT JOIN {schema}TenantHealth h ON h.TenantId = t.Id
ORDER BY t.Slug;
