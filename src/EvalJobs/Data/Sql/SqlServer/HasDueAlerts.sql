-- Whether anything waits to be sent: a cheap look before the claim takes the writer's place.
-- Parameters: @WindowMs int
SELECT COUNT(*) AS DueCount
FROM (SELECT TOP (1) a.Id
      FROM eval.Alert a
      WHERE a.Status = 'PENDING' AND a.DueAt <= SYSUTCDATETIME() AND (a.LeaseUntil IS NULL OR a.LeaseUntil < SYSUTCDATETIME())
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM eval.Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > DATEADD(millisecond, -@WindowMs, SYSUTCDATETIME())))) d;
