-- Whether there is anything to claim: a cheap look, by the conditions of ClaimAlerts, before the claim takes the writer's place.
SELECT COUNT(*) AS DueCount
FROM (SELECT a.Id
      FROM Alert a
      WHERE a.Status = 'PENDING' AND a.DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AND (a.LeaseUntil IS NULL OR a.LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @WindowMs))
        AND (a.Topic = 'FAILURE'
             OR NOT EXISTS (SELECT 1 FROM Alert e WHERE e.Topic = a.Topic AND e.TenantId IS a.TenantId AND e.Id < a.Id AND e.Status = 'PENDING' AND e.LeaseUntil >= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)))
      LIMIT 1) d;
