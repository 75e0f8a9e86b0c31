-- Deletes archived runs: copied back just before, or past their age.
-- Parameters: @RunIds nvarchar(max)
DELETE FROM eval.EvaluationRunArchive
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j);
