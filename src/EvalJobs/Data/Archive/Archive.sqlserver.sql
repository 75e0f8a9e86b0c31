-- name: DeleteResults
-- Deletes the copied results: the same ones, by the same order and limit.
-- Parameters: @RunIds nvarchar(max), @Limit int
DELETE x
FROM {schema}TestCaseResult x
JOIN (SELECT TOP (@Limit) RunId, TestCaseId
      FROM {schema}TestCaseResult
      WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
      ORDER BY RunId, TestCaseId) moved ON moved.RunId = x.RunId AND moved.TestCaseId = x.TestCaseId;

-- name: CopyRunsFromArchive
-- Copies archived runs back to the live table with their old ids. @RunIds is a JSON array of ids.
-- Parameters: @RunIds nvarchar(max)
SET IDENTITY_INSERT {schema}EvaluationRun ON;
INSERT INTO {schema}EvaluationRun ({run columns}, RestoredAt)
SELECT {run columns}, {now}
FROM {schema}EvaluationRunArchive
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j);
SET IDENTITY_INSERT {schema}EvaluationRun OFF;

-- name: DeleteArchivedResults
-- Deletes archived results of those runs, at most so many: copied back just before, or past their age.
-- Parameters: @RunIds nvarchar(max), @Limit int
DELETE x
FROM {schema}TestCaseResultArchive x
JOIN (SELECT TOP (@Limit) RunId, TestCaseId
      FROM {schema}TestCaseResultArchive
      WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
      ORDER BY RunId, TestCaseId) moved ON moved.RunId = x.RunId AND moved.TestCaseId = x.TestCaseId;
