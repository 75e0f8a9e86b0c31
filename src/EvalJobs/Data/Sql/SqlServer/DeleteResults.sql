-- Deletes the copied results. Third step.
-- Parameters: @RunIds nvarchar(max)
DELETE FROM eval.TestCaseResult
WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j);
