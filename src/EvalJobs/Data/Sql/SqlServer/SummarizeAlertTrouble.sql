-- Alerts some channel has not taken yet, alerts given up lately, and the latest error of either.
-- Parameters: @FailedWithinMs int
SELECT d.DelayedCount, d.FailedCount, l.LastError
FROM (SELECT COALESCE(SUM(CASE WHEN a.Status = 'PENDING' THEN 1 ELSE 0 END), 0) AS DelayedCount,
             COALESCE(SUM(CASE WHEN a.Status = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount, MAX(a.Id) AS LastId
      FROM (SELECT p.Id, p.Status FROM eval.Alert p WHERE p.Status = 'PENDING' AND p.LastError IS NOT NULL
            UNION ALL
            SELECT f.Id, f.Status FROM eval.Alert f WHERE f.Status = 'FAILED' AND f.EndedAt > DATEADD(millisecond, -@FailedWithinMs, SYSUTCDATETIME())) a) d
LEFT JOIN eval.Alert l ON l.Id = d.LastId;
