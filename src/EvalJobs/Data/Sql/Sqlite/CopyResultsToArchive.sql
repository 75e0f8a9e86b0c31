-- Copies the results of those runs. Second step.
INSERT INTO TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM TestCaseResult
WHERE RunId IN (SELECT value FROM json_each(@RunIds));
