-- Copies archived results of those runs back, at most so many.
-- UPDLOCK and HOLDLOCK: what is copied is deleted next, and nobody may delete it in between.
-- Parameters: @RunIds nvarchar(max), @Limit int
INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT TOP (@Limit) RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM eval.TestCaseResultArchive WITH (UPDLOCK, HOLDLOCK)
WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
ORDER BY RunId, TestCaseId;
