-- The latest runs of each of these suites (@SuiteIds, a JSON array): at most @Limit live and @Limit archived ones each, read by key.
-- Parameters: @SuiteIds nvarchar(max), @Limit int
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.CreatedAt
FROM OPENJSON(@SuiteIds) j
JOIN eval.EvaluationRun r ON r.Id IN (SELECT TOP (@Limit) i.Id FROM eval.EvaluationRun i WHERE i.SuiteId = CAST(j.value AS bigint) ORDER BY i.Id DESC)
UNION ALL
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.CreatedAt
FROM OPENJSON(@SuiteIds) j
JOIN eval.EvaluationRunArchive r ON r.Id IN (SELECT TOP (@Limit) i.Id FROM eval.EvaluationRunArchive i WHERE i.SuiteId = CAST(j.value AS bigint) ORDER BY i.Id DESC);
