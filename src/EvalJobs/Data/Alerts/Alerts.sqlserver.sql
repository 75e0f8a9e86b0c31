-- name: HasDueAlerts
-- Whether there is anything to claim: a cheap read with the conditions of ClaimAlerts, before the claim takes the lock.
-- Parameters: @WindowMs int
SELECT COUNT(*) AS DueCount
FROM (SELECT TOP (1) a.Id
      FROM {schema}Alert a
      WHERE a.Status = 'PENDING' AND a.DueAt <= {now} AND (a.LeaseUntil IS NULL OR a.LeaseUntil < {now})
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM {schema}Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > {now - @WindowMs}))
        AND (a.Topic = 'FAILURE'
             OR NOT EXISTS (SELECT 1 FROM {schema}Alert e
                            WHERE e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
                              AND e.Status = 'PENDING' AND e.LeaseUntil >= {now}))) d;

-- name: ClaimAlerts
-- Claims the first due alerts for one sender: leased, with one more attempt. A tenant's failures are sent once per window; those in
-- between are collected in one alert. Two senders never get the same alert during the lease.
-- None while another sender has an earlier one about the same thing: a receiver would get HEALTHY first and WARNING after it. Failures have no order.
-- Senders claim one after another: the lock is held until the claim is stored, with what ClaimEarlierAlerts adds to it. Row locks are not enough: a sender
-- that is still choosing the earlier alert has written nothing that another could see, and may claim it while the other claims the later one.
-- Ten seconds, then an error: a sender that is stopped in its claim holds the lock until its session ends, and the others must report that each time they
-- try. They must not wait in silence or find nothing due. A claim takes milliseconds, and only senders wait here.
-- UPDLOCK keeps what is chosen. READPAST and ROWLOCK: a row that another transaction is writing is left to the next claim.
-- READCOMMITTEDLOCK: reads the current state of the earlier alert; a row version may be older.
-- Parameters: @Owner nvarchar(200), @LeaseMs int, @WindowMs int, @Limit int
DECLARE @Lock int;
EXEC @Lock = sp_getapplock @Resource = N'EvalJobs.ClaimAlerts', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 10000;
IF @Lock < 0 THROW 50000, N'Another sender has been claiming alerts for 10 seconds.', 1;

UPDATE c
SET LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, Attempt = c.Attempt + 1,
    TakenAt = COALESCE(c.TakenAt, {now})
OUTPUT inserted.Id
FROM {schema}Alert c
JOIN (SELECT TOP (@Limit) a.Id
      FROM {schema}Alert a WITH (UPDLOCK, READPAST, ROWLOCK)
      WHERE a.Status = 'PENDING' AND a.DueAt <= {now} AND (a.LeaseUntil IS NULL OR a.LeaseUntil < {now})
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM {schema}Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > {now - @WindowMs}))
        AND (a.Topic = 'FAILURE'
             OR NOT EXISTS (SELECT 1 FROM {schema}Alert e WITH (READCOMMITTEDLOCK)
                            WHERE e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
                              AND e.Status = 'PENDING' AND e.LeaseUntil >= {now}))
      ORDER BY a.DueAt, a.Id) d ON d.Id = c.Id;

-- name: ClaimEarlierAlerts
-- Claims earlier alerts about the same things as the alerts just claimed (@Ids, a JSON array), even if their wait is not over: a channel that has
-- rejected the earlier one so far gets both, in order. Failures have no order.
-- FORCESEEK: by id; a scan of a small table would lock other senders' rows.
-- Parameters: @Owner nvarchar(200), @LeaseMs int, @Ids nvarchar(max)
UPDATE c
SET LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, Attempt = c.Attempt + 1
OUTPUT inserted.Id
FROM {schema}Alert c WITH (FORCESEEK)
WHERE c.Status = 'PENDING' AND (c.LeaseUntil IS NULL OR c.LeaseUntil < {now})
  AND c.Id IN (SELECT e.Id
               FROM OPENJSON(@Ids) j
               JOIN {schema}Alert a ON a.Id = CAST(j.value AS bigint)
               JOIN {schema}Alert e ON e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
               WHERE a.Topic <> 'FAILURE' AND e.Status = 'PENDING');

-- name: ListAlerts
-- Alerts newest first, a page at a time: pass the last id seen as @BeforeId. Null means any.
-- RECOMPILE: the best index depends on which filters are given.
-- CAST: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @Status varchar(20), @BeforeId bigint, @Limit int
SELECT TOP (@Limit) t.Slug AS TenantSlug, {alert columns of a}
FROM {schema}Alert a
LEFT JOIN {schema}Tenant t ON t.Id = a.TenantId
WHERE (@TenantId IS NULL OR a.TenantId = @TenantId)
  AND (@Status IS NULL OR a.Status = CAST(@Status AS varchar(20)))
  AND a.Id < @BeforeId
ORDER BY a.Id DESC
OPTION (RECOMPILE);

-- name: RetryAlert
-- Makes an alert that a channel did not accept due again after a wait, or FAILED when it is too old; if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @GiveUpAfterMs int, @Error nvarchar(max)
UPDATE {schema}Alert
SET Status = CASE WHEN CreatedAt <= {now - @GiveUpAfterMs} THEN 'FAILED' ELSE 'PENDING' END,
    EndedAt = CASE WHEN CreatedAt <= {now - @GiveUpAfterMs} THEN {now} END,
    DueAt = {now + @DelayMs}, LeaseOwner = NULL, LeaseUntil = NULL, LastError = @Error
OUTPUT inserted.Status
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: DeleteOldAlerts
-- Deletes alerts that ended long ago, a small batch at a time.
-- Parameters: @Days int, @Limit int
DELETE a
FROM {schema}Alert a
JOIN (SELECT TOP (@Limit) o.Id
      FROM {schema}Alert o
      WHERE o.EndedAt < {now - @Days days}
      ORDER BY o.EndedAt) d ON d.Id = a.Id;
