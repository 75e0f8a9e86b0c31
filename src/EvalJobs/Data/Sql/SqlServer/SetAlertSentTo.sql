-- Remembers which channels have had an alert, if the caller still holds it.
-- Parameters: @AlertId bigint, @Attempt int, @Owner nvarchar(200), @SentTo nvarchar(max)
UPDATE eval.Alert
SET SentTo = @SentTo
WHERE Id = @AlertId AND Status = 'PENDING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
