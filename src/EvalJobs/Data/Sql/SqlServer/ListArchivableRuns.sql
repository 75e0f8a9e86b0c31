-- Ended runs past retention, oldest first, with their number of results.
-- Parameters: @Days int, @Limit int
SELECT TOP (@Limit) r.Id, (SELECT COUNT(*) FROM eval.TestCaseResult x WHERE x.RunId = r.Id) AS ResultCount
FROM eval.EvaluationRun r
WHERE r.CompletedAt < DATEADD(day, -@Days, SYSUTCDATETIME())
ORDER BY r.CompletedAt, r.Id;
