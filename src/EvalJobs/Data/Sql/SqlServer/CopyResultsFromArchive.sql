-- Copies archived results of those runs back, at most so many.
-- Parameters: @RunIds nvarchar(max), @Limit int
INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT TOP (@Limit) RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM eval.TestCaseResultArchive
WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
ORDER BY RunId, TestCaseId;
