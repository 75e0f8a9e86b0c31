-- Alerts some channel has not taken yet, alerts given up lately, and the latest error of either.
SELECT d.DelayedCount, d.FailedCount, l.LastError
FROM (SELECT COALESCE(SUM(CASE WHEN a.Status = 'PENDING' THEN 1 ELSE 0 END), 0) AS DelayedCount,
             COALESCE(SUM(CASE WHEN a.Status = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount, MAX(a.Id) AS LastId
      FROM (SELECT p.Id, p.Status FROM Alert p WHERE p.Status = 'PENDING' AND p.LastError IS NOT NULL
            UNION ALL
            SELECT f.Id, f.Status FROM Alert f WHERE f.Status = 'FAILED' AND f.EndedAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @FailedWithinMs) a) d
LEFT JOIN Alert l ON l.Id = d.LastId;
