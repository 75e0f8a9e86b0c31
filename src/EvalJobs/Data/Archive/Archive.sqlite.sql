-- name: DeleteResults
-- Deletes the copied results: the same ones, by the same order and limit.
DELETE FROM {schema}TestCaseResult
WHERE (RunId, TestCaseId) IN (SELECT RunId, TestCaseId
                              FROM {schema}TestCaseResult
                              WHERE RunId IN (SELECT value FROM json_each(@RunIds))
                              ORDER BY RunId, TestCaseId
                              LIMIT @Limit);

-- name: CopyRunsFromArchive
-- Copies archived runs back to the live table with their old ids. @RunIds is a JSON array of ids.
INSERT INTO {schema}EvaluationRun ({run columns}, RestoredAt)
SELECT {run columns}, {now}
FROM {schema}EvaluationRunArchive
WHERE Id IN (SELECT value FROM json_each(@RunIds));

-- name: DeleteArchivedResults
-- Deletes archived results of those runs, at most so many: copied back just before, or past their age.
DELETE FROM {schema}TestCaseResultArchive
WHERE (RunId, TestCaseId) IN (SELECT RunId, TestCaseId
                              FROM {schema}TestCaseResultArchive
                              WHERE RunId IN (SELECT value FROM json_each(@RunIds))
                              ORDER BY RunId, TestCaseId
                              LIMIT @Limit);
