-- Claims the first due alerts for one sender: leased, one attempt more. A tenant's failures are let through once per window; those in
-- between gather in one alert. One statement: two senders never get the same alert while the lease holds.
-- None while another sender has an earlier one about the same thing: a receiver would hear HEALTHY first and WARNING after it.
-- UPDLOCK takes the rows while choosing them, READPAST skips what another sender is taking, ROWLOCK keeps neighbours free; READCOMMITTEDLOCK
-- waits for a sender that is just taking the earlier one, where a row version would still show it free.
-- Parameters: @Owner nvarchar(200), @LeaseMs int, @WindowMs int, @Limit int
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
        AND NOT EXISTS (SELECT 1 FROM eval.Alert e WITH (READCOMMITTEDLOCK)
                        WHERE e.Topic = a.Topic AND (e.TenantId = a.TenantId OR (e.TenantId IS NULL AND a.TenantId IS NULL)) AND e.Id < a.Id
                          AND e.Status = 'PENDING' AND e.LeaseUntil >= SYSUTCDATETIME())
      ORDER BY a.DueAt, a.Id) d ON d.Id = c.Id;
