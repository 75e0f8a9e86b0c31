-- Claims what was said earlier about the same things as the alerts just claimed (@Ids, a JSON array), though its own wait is not over: who has
-- refused it so far hears both, in order. Failures stand for themselves.
-- Parameters: @Owner nvarchar(200), @LeaseMs int, @Ids nvarchar(max)
UPDATE c
SET LeaseOwner = @Owner, LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME()), Attempt = c.Attempt + 1
OUTPUT inserted.Id
FROM eval.Alert c
WHERE c.Status = 'PENDING' AND (c.LeaseUntil IS NULL OR c.LeaseUntil < SYSUTCDATETIME())
  AND c.Id IN (SELECT e.Id
               FROM OPENJSON(@Ids) j
               JOIN eval.Alert a ON a.Id = CAST(j.value AS bigint)
               JOIN eval.Alert e ON e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
               WHERE a.Topic <> 'FAILURE' AND e.Status = 'PENDING');
