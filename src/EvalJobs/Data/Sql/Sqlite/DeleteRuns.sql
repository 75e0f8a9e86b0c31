-- Deletes the copied runs; the caller compares the counts before it commits.
DELETE FROM EvaluationRun
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND CompletedAt IS NOT NULL;
