-- Claims the first due alerts for one sender: leased, one attempt more. A tenant's failures are let through once per window; those in
-- between gather in one alert. Two senders never get the same alert while the lease holds.
-- None while another sender has an earlier one about the same thing: a receiver would hear HEALTHY first and WARNING after it. Failures have no order.
-- Senders claim in turn: the lock holds until the claim is stored, with what ClaimEarlierAlerts adds to it. Locks of rows would not do: a sender
-- that is still choosing the earlier alert has written nothing another could see, and may take it while the other is at the later one.
-- UPDLOCK keeps what is chosen. READPAST and ROWLOCK: a row that a failing run or the end of a sending is just writing is left to the next claim.
-- READCOMMITTEDLOCK: how the earlier one stands now, where a row version may be older.
-- Parameters: @Owner nvarchar(200), @LeaseMs int, @WindowMs int, @Limit int
DECLARE @Lock int;
EXEC @Lock = sp_getapplock @Resource = N'EvalJobs.ClaimAlerts', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 10000;
IF @Lock < 0 THROW 50000, N'Another sender has been claiming alerts for 10 seconds.', 1;

UPDATE c
SET LeaseOwner = @Owner, LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME()), Attempt = c.Attempt + 1,
    TakenAt = COALESCE(c.TakenAt, SYSUTCDATETIME())
OUTPUT inserted.Id
FROM eval.Alert c
JOIN (SELECT TOP (@Limit) a.Id
      FROM eval.Alert a WITH (UPDLOCK, READPAST, ROWLOCK)
      WHERE a.Status = 'PENDING' AND a.DueAt <= SYSUTCDATETIME() AND (a.LeaseUntil IS NULL OR a.LeaseUntil < SYSUTCDATETIME())
        AND (a.Topic <> 'FAILURE' OR a.TakenAt IS NOT NULL
             OR NOT EXISTS (SELECT 1 FROM eval.Alert o WHERE o.Topic = 'FAILURE' AND o.TenantId = a.TenantId AND o.TakenAt > DATEADD(millisecond, -@WindowMs, SYSUTCDATETIME())))
        AND (a.Topic = 'FAILURE'
             OR NOT EXISTS (SELECT 1 FROM eval.Alert e WITH (READCOMMITTEDLOCK)
                            WHERE e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
                              AND e.Status = 'PENDING' AND e.LeaseUntil >= SYSUTCDATETIME()))
      ORDER BY a.DueAt, a.Id) d ON d.Id = c.Id;
