-- Returns an unfinished run to the queue, due after a wait, without counting the attempt, if the caller still holds it.
UPDATE EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, Attempt = Attempt - 1, DueAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @DelayMs, Error = @Error
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
