-- Claims the first due alerts for one sender: leased, one attempt more. A tenant's failures are let through once per window; those in
-- between gather in one alert. One statement: two senders never get the same alert while the lease holds.
-- None while another sender has an earlier one about the same thing: a receiver would hear HEALTHY first and WARNING after it. Failures have no order.
UPDATE Alert
SET LeaseOwner = @Owner, LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs, Attempt = Attempt + 1,
    TakenAt = COALESCE(TakenAt, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
WHERE Id IN (SELECT a.Id
             FROM Alert a
             WHERE a.Status = 'PENDING' AND a.DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AND (a.LeaseUntil IS NULL OR a.LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
               AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
                    OR NOT EXISTS (SELECT 1 FROM Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @WindowMs))
               AND (a.Topic = 'FAILURE'
                    OR NOT EXISTS (SELECT 1 FROM Alert e WHERE e.Topic = a.Topic AND e.TenantId IS a.TenantId AND e.Id < a.Id AND e.Status = 'PENDING' AND e.LeaseUntil >= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)))
             ORDER BY a.DueAt, a.Id
             LIMIT @Limit)
RETURNING Id;
