-- Deletes the copied runs. Fourth step; the caller compares the four counts before it commits.
DELETE FROM EvaluationRun
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND CompletedAt IS NOT NULL;
