-- Ended runs past retention, oldest first, with their number of results.
SELECT r.Id, (SELECT COUNT(*) FROM TestCaseResult x WHERE x.RunId = r.Id) AS ResultCount
FROM EvaluationRun r
WHERE r.CompletedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000
ORDER BY r.CompletedAt, r.Id
LIMIT @Limit;
