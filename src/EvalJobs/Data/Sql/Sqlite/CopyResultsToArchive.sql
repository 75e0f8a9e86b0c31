-- Copies results of those runs, at most so many: a large run moves a part at a time.
INSERT INTO TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM TestCaseResult
WHERE RunId IN (SELECT value FROM json_each(@RunIds))
ORDER BY RunId, TestCaseId
LIMIT @Limit;
