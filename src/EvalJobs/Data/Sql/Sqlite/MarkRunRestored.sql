-- Gives a run whose results come back from the archive its time again.
UPDATE EvaluationRun
SET RestoredAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
WHERE Id = @RunId;
