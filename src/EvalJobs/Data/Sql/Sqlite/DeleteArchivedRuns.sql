-- Deletes archived runs: copied back just before, or past their age.
DELETE FROM EvaluationRunArchive
WHERE Id IN (SELECT value FROM json_each(@RunIds));
