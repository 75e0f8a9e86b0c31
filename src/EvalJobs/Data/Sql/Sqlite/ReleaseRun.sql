-- Gives an unfinished run back at once without counting the attempt, if the caller still holds it.
UPDATE EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, Attempt = Attempt - 1
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
