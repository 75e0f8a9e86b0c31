-- Tenants, in a range of ids, whose health someone should hear of now: WARNING long enough and not said yet, said long ago and still so,
-- or HEALTHY again for long enough. The last alert is the memory: a state that comes and goes between two of these times says nothing.
SELECT h.TenantId, h.Reasons, h.Since,
       CASE WHEN h.Status = 'HEALTHY' THEN 'CLEARED' WHEN l.Phase IS NULL OR l.Phase = 'CLEARED' THEN 'RAISED' ELSE 'REMINDER' END AS Phase
FROM TenantHealth h
LEFT JOIN Alert l ON l.Id = (SELECT MAX(a.Id) FROM Alert a WHERE a.Topic = 'HEALTH' AND a.TenantId = h.TenantId)
WHERE h.TenantId BETWEEN @FirstTenantId AND @LastTenantId
  AND ((h.Status = 'WARNING' AND (l.Phase IS NULL OR l.Phase = 'CLEARED') AND h.Since <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @WarnAfterMs)
    OR (h.Status = 'WARNING' AND l.Phase IN ('RAISED', 'REMINDER') AND l.CreatedAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @ReminderMs)
    OR (h.Status = 'HEALTHY' AND l.Phase IN ('RAISED', 'REMINDER') AND h.Since <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @RecoverAfterMs))
ORDER BY h.TenantId;
