-- Deletes the copied runs; the caller compares the counts before it commits.
-- Parameters: @RunIds nvarchar(max)
DELETE FROM eval.EvaluationRun
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j) AND CompletedAt IS NOT NULL;
