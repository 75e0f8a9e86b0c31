-- Gives a run whose results come back from the archive its time again.
-- Parameters: @RunId bigint
UPDATE eval.EvaluationRun
SET RestoredAt = SYSUTCDATETIME()
WHERE Id = @RunId;
