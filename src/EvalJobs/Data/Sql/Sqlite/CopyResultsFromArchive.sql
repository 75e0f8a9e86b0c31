-- Copies archived results of those runs back, at most so many.
INSERT INTO TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM TestCaseResultArchive
WHERE RunId IN (SELECT value FROM json_each(@RunIds))
ORDER BY RunId, TestCaseId
LIMIT @Limit;
