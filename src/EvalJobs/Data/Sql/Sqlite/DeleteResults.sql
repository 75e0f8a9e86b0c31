-- Deletes the copied results: the same ones, by the same order and limit.
DELETE FROM TestCaseResult
WHERE (RunId, TestCaseId) IN (SELECT RunId, TestCaseId
                              FROM TestCaseResult
                              WHERE RunId IN (SELECT value FROM json_each(@RunIds))
                              ORDER BY RunId, TestCaseId
                              LIMIT @Limit);
