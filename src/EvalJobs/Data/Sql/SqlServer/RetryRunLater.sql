-- Returns a run whose attempt failed to the queue, due after a wait, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @Error nvarchar(max)
UPDATE eval.EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DueAt = DATEADD(millisecond, @DelayMs, SYSUTCDATETIME()), Error = @Error
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
