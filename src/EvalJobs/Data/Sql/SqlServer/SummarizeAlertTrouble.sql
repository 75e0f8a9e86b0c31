-- Alerts some channel has not taken yet, alerts given up lately, and the latest error of either.
-- Parameters: @FailedWithinMs int
SELECT d.DelayedCount, d.FailedCount, l.LastError
FROM (SELECT COALESCE(SUM(CASE WHEN a.Status = 'PENDING' THEN 1 ELSE 0 END), 0) AS DelayedCount,
             COALESCE(SUM(CASE WHEN a.Status = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount, MAX(a.Id) AS LastId
      FROM eval.Alert a
      WHERE (a.Status = 'PENDING' AND a.LastError IS NOT NULL)
         OR (a.Status = 'FAILED' AND a.EndedAt > DATEADD(millisecond, -@FailedWithinMs, SYSUTCDATETIME()))) d
LEFT JOIN eval.Alert l ON l.Id = d.LastId;
