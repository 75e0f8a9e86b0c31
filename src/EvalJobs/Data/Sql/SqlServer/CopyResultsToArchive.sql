-- Copies results of those runs, at most so many: a large run moves a part at a time.
-- Parameters: @RunIds nvarchar(max), @Limit int
INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT TOP (@Limit) RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM eval.TestCaseResult
WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
ORDER BY RunId, TestCaseId;
