-- A channel did not take the alert: due again after a wait, or FAILED when it is too old; if the caller still holds it.
UPDATE Alert
SET Status = CASE WHEN CreatedAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @GiveUpAfterMs THEN 'FAILED' ELSE 'PENDING' END,
    EndedAt = CASE WHEN CreatedAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @GiveUpAfterMs THEN CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) END,
    DueAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @DelayMs, LeaseOwner = NULL, LeaseUntil = NULL, LastError = @Error
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner
RETURNING Status;
