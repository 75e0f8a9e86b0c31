-- Remembers which channels have had an alert, if the caller still holds it.
UPDATE Alert
SET SentTo = @SentTo
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
