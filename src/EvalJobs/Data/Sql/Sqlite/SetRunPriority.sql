-- Changes the priority of a run that waits.
UPDATE EvaluationRun
SET Priority = @Priority
WHERE Id = @RunId AND Status = 'PENDING';
