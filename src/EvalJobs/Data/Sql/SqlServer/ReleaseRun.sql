-- Gives an unfinished run back at once without counting the attempt, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE eval.EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, Attempt = Attempt - 1
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
