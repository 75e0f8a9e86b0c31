-- Changes the priority of a run that waits.
-- Parameters: @RunId bigint, @Priority int
UPDATE eval.EvaluationRun
SET Priority = @Priority
WHERE Id = @RunId AND Status = 'PENDING';
