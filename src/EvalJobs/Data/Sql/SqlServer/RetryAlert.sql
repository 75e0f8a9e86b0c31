-- A channel did not take the alert: due again after a wait, or FAILED when it is too old; if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @GiveUpAfterMs int, @Error nvarchar(max)
UPDATE eval.Alert
SET Status = CASE WHEN CreatedAt <= DATEADD(millisecond, -@GiveUpAfterMs, SYSUTCDATETIME()) THEN 'FAILED' ELSE 'PENDING' END,
    EndedAt = CASE WHEN CreatedAt <= DATEADD(millisecond, -@GiveUpAfterMs, SYSUTCDATETIME()) THEN SYSUTCDATETIME() END,
    DueAt = DATEADD(millisecond, @DelayMs, SYSUTCDATETIME()), LeaseOwner = NULL, LeaseUntil = NULL, LastError = @Error
OUTPUT inserted.Status
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
