-- Every channel has had the alert; done, if the caller still holds it.
UPDATE Alert
SET Status = 'SENT', LeaseOwner = NULL, LeaseUntil = NULL, LastError = NULL, EndedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
