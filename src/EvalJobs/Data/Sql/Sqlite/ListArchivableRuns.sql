-- Ended runs past retention, oldest first. A run that came back from the archive has its time again.
-- A run has at most CaseCount results: nobody has to count them while the writer is held.
SELECT Id, CaseCount
FROM EvaluationRun
WHERE CompletedAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000
  AND (RestoredAt IS NULL OR RestoredAt < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) - @Days * 86400000)
ORDER BY CompletedAt, Id
LIMIT @Limit;
