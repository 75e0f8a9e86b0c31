-- Returns an unfinished run to the end of the queue without counting the attempt, if the caller still holds it: it goes on later.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE eval.EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, Attempt = Attempt - 1, DueAt = SYSUTCDATETIME()
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
