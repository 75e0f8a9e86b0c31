-- Alerts some channel has not taken yet, alerts given up lately, and the latest error of either.
SELECT d.DelayedCount, d.FailedCount, l.LastError
FROM (SELECT COALESCE(SUM(CASE WHEN a.Status = 'PENDING' THEN 1 ELSE 0 END), 0) AS DelayedCount,
             COALESCE(SUM(CASE WHEN a.Status = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount, MAX(a.Id) AS LastId
      FROM Alert a
      WHERE (a.Status = 'PENDING' AND a.LastError IS NOT NULL)
         OR (a.Status = 'FAILED' AND a.EndedAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @FailedWithinMs)) d
LEFT JOIN Alert l ON l.Id = d.LastId;
