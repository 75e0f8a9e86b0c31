-- Returns an unfinished run to the end of the queue without counting the attempt, if the caller still holds it: it goes on later.
UPDATE EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, Attempt = Attempt - 1, DueAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
