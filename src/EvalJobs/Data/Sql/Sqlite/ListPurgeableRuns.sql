-- Archived runs past the age at which they are deleted for good, oldest first.
SELECT Id, CaseCount
FROM EvaluationRunArchive
WHERE CompletedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000
ORDER BY CompletedAt, Id
LIMIT @Limit;
