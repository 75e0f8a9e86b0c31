-- What came in and what ended in the last 24 hours, per tenant and full hour before now (0 to 23). Reads two indexes, no rows.
SELECT x.TenantId, x.HoursAgo,
       SUM(x.CreatedCount) AS CreatedCount, SUM(x.CompletedCount) AS CompletedCount, SUM(x.FailedCount) AS FailedCount,
       SUM(x.CancelledCount) AS CancelledCount, SUM(x.PassedCaseCount) AS PassedCaseCount, SUM(x.CaseCount) AS CaseCount
FROM (SELECT TenantId, (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - CreatedAt) / 3600000 AS HoursAgo,
             1 AS CreatedCount, 0 AS CompletedCount, 0 AS FailedCount, 0 AS CancelledCount, 0 AS PassedCaseCount, 0 AS CaseCount
      FROM EvaluationRun
      WHERE CreatedAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - 86400000
      UNION ALL
      SELECT TenantId, (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - CompletedAt) / 3600000, 0,
             CASE WHEN Status = 'COMPLETED' THEN 1 ELSE 0 END, CASE WHEN Status = 'FAILED' THEN 1 ELSE 0 END, CASE WHEN Status = 'CANCELLED' THEN 1 ELSE 0 END,
             CASE WHEN Status = 'COMPLETED' THEN PassedCount ELSE 0 END, CASE WHEN Status = 'COMPLETED' THEN CaseCount ELSE 0 END
      FROM EvaluationRun
      WHERE CompletedAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - 86400000) x
GROUP BY x.TenantId, x.HoursAgo;
