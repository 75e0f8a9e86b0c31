-- Returns a run whose attempt failed to the queue, due after a wait, if the caller still holds it.
UPDATE EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DueAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @DelayMs, Error = @Error
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
