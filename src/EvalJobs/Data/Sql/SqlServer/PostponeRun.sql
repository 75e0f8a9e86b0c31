-- Returns an unfinished run to the queue, due after a wait, without counting the attempt, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @Error nvarchar(max)
UPDATE eval.EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, Attempt = Attempt - 1, DueAt = DATEADD(millisecond, @DelayMs, SYSUTCDATETIME()), Error = @Error
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
