-- Copies the results of those runs. Second step.
-- Parameters: @RunIds nvarchar(max)
INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
FROM eval.TestCaseResult
WHERE RunId IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j);
