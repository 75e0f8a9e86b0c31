-- name: HasDueAlerts
-- Whether there is anything to claim: a cheap read with the conditions of ClaimAlerts, before the claim takes the write lock.
SELECT COUNT(*) AS DueCount
FROM (SELECT a.Id
      FROM {schema}Alert a
      WHERE a.Status = 'PENDING' AND a.DueAt <= {now} AND (a.LeaseUntil IS NULL OR a.LeaseUntil < {now})
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM {schema}Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > {now - @WindowMs}))
        AND (a.Topic = 'FAILURE'
             OR NOT EXISTS (SELECT 1 FROM {schema}Alert e WHERE e.Topic = a.Topic AND e.TenantId IS a.TenantId AND e.Id < a.Id AND e.Status = 'PENDING' AND e.LeaseUntil >= {now}))
      LIMIT 1) d;

-- name: ClaimAlerts
-- Claims the first due alerts for one sender: leased, with one more attempt. A tenant's failures are sent once per window; those in
-- between are collected in one alert. One statement: two senders never get the same alert during the lease.
-- None while another sender has an earlier one about the same thing: a receiver would get HEALTHY first and WARNING after it. Failures have no order.
UPDATE {schema}Alert
SET LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, Attempt = Attempt + 1,
    TakenAt = COALESCE(TakenAt, {now})
WHERE Id IN (SELECT a.Id
             FROM {schema}Alert a
             WHERE a.Status = 'PENDING' AND a.DueAt <= {now} AND (a.LeaseUntil IS NULL OR a.LeaseUntil < {now})
               AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
                    OR NOT EXISTS (SELECT 1 FROM {schema}Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > {now - @WindowMs}))
               AND (a.Topic = 'FAILURE'
                    OR NOT EXISTS (SELECT 1 FROM {schema}Alert e WHERE e.Topic = a.Topic AND e.TenantId IS a.TenantId AND e.Id < a.Id AND e.Status = 'PENDING' AND e.LeaseUntil >= {now}))
             ORDER BY a.DueAt, a.Id
             LIMIT @Limit)
RETURNING Id;

-- name: ClaimEarlierAlerts
-- Claims earlier alerts about the same things as the alerts just claimed (@Ids, a JSON array), even if their wait is not over: a channel that has
-- rejected the earlier one so far gets both, in order. Failures have no order.
UPDATE {schema}Alert
SET LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, Attempt = Attempt + 1
WHERE Id IN (SELECT e.Id
             FROM {schema}Alert a
             JOIN {schema}Alert e ON e.Topic = a.Topic AND e.TenantId IS a.TenantId AND e.Id < a.Id
             WHERE a.Id IN (SELECT value FROM json_each(@Ids)) AND a.Topic <> 'FAILURE'
               AND e.Status = 'PENDING' AND (e.LeaseUntil IS NULL OR e.LeaseUntil < {now}))
RETURNING Id;

-- name: ListAlerts
-- Alerts newest first, a page at a time: pass the last id seen as @BeforeId. Null means any.
SELECT t.Slug AS TenantSlug, {alert columns of a}
FROM {schema}Alert a
LEFT JOIN {schema}Tenant t ON t.Id = a.TenantId
WHERE (@TenantId IS NULL OR a.TenantId = @TenantId)
  AND (@Status IS NULL OR a.Status = @Status)
  AND a.Id < @BeforeId
ORDER BY a.Id DESC
LIMIT @Limit;

-- name: RetryAlert
-- Makes an alert that a channel did not accept due again after a wait, or FAILED when it is too old; if the caller still holds it.
UPDATE {schema}Alert
SET Status = CASE WHEN CreatedAt <= {now - @GiveUpAfterMs} THEN 'FAILED' ELSE 'PENDING' END,
    EndedAt = CASE WHEN CreatedAt <= {now - @GiveUpAfterMs} THEN {now} END,
    DueAt = {now + @DelayMs}, LeaseOwner = NULL, LeaseUntil = NULL, LastError = @Error
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner
RETURNING Status;

-- name: DeleteOldAlerts
-- Deletes alerts that ended long ago, a small batch at a time.
DELETE FROM {schema}Alert
WHERE Id IN (SELECT Id
             FROM {schema}Alert
             WHERE EndedAt < {now - @Days days}
             ORDER BY EndedAt
             LIMIT @Limit);
