-- The latest runs of each of these suites (@SuiteIds, a JSON array): at most @Limit live and @Limit archived ones each, read by key.
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.CreatedAt
FROM json_each(@SuiteIds) j
JOIN EvaluationRun r ON r.Id IN (SELECT i.Id FROM EvaluationRun i WHERE i.SuiteId = j.value ORDER BY i.Id DESC LIMIT @Limit)
UNION ALL
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.CreatedAt
FROM json_each(@SuiteIds) j
JOIN EvaluationRunArchive r ON r.Id IN (SELECT i.Id FROM EvaluationRunArchive i WHERE i.SuiteId = j.value ORDER BY i.Id DESC LIMIT @Limit);
