-- Forgets alerts that ended long ago, a small batch at a time.
-- Parameters: @Days int, @Limit int
DELETE a
FROM eval.Alert a
JOIN (SELECT TOP (@Limit) o.Id
      FROM eval.Alert o
      WHERE o.EndedAt < DATEADD(day, -@Days, SYSUTCDATETIME())
      ORDER BY o.EndedAt) d ON d.Id = a.Id;
