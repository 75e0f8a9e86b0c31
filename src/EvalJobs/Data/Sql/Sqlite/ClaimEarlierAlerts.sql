-- Claims what was said earlier about the same things as the alerts just claimed (@Ids, a JSON array), though its own wait is not over: who has
-- refused it so far hears both, in order. Failures stand for themselves.
UPDATE Alert
SET LeaseOwner = @Owner, LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs, Attempt = Attempt + 1
WHERE Id IN (SELECT e.Id
             FROM Alert a
             JOIN Alert e ON e.Topic = a.Topic AND e.TenantId IS a.TenantId AND e.Id < a.Id
             WHERE a.Id IN (SELECT value FROM json_each(@Ids)) AND a.Topic <> 'FAILURE'
               AND e.Status = 'PENDING' AND (e.LeaseUntil IS NULL OR e.LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)))
RETURNING Id;
