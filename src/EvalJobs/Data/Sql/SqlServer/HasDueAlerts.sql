-- Whether there is anything to claim: a cheap look, by the conditions of ClaimAlerts, before the claim takes its turn.
-- Parameters: @WindowMs int
SELECT COUNT(*) AS DueCount
FROM (SELECT TOP (1) a.Id
      FROM eval.Alert a
      WHERE a.Status = 'PENDING' AND a.DueAt <= SYSUTCDATETIME() AND (a.LeaseUntil IS NULL OR a.LeaseUntil < SYSUTCDATETIME())
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM eval.Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > DATEADD(millisecond, -@WindowMs, SYSUTCDATETIME())))
        AND (a.Topic = 'FAILURE'
             OR NOT EXISTS (SELECT 1 FROM eval.Alert e
                            WHERE e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
                              AND e.Status = 'PENDING' AND e.LeaseUntil >= SYSUTCDATETIME()))) d;
