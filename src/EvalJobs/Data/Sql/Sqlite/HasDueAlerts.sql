-- Whether anything waits to be sent: a cheap look before the claim takes the writer's place.
SELECT COUNT(*) AS DueCount
FROM (SELECT a.Id
      FROM Alert a
      WHERE a.Status = 'PENDING' AND a.DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AND (a.LeaseUntil IS NULL OR a.LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @WindowMs))
      LIMIT 1) d;
