-- Every channel has had the alert; done, if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE eval.Alert
SET Status = 'SENT', LeaseOwner = NULL, LeaseUntil = NULL, LastError = NULL, EndedAt = SYSUTCDATETIME()
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
