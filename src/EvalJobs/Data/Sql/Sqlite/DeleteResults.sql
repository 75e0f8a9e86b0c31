-- Deletes the copied results. Third step.
DELETE FROM TestCaseResult
WHERE RunId IN (SELECT value FROM json_each(@RunIds));
