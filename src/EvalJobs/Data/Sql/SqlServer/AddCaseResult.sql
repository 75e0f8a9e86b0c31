-- Stores one result. Runs after HoldRun in the same transaction, so a zombie never gets here.
-- Parameters: @RunId bigint, @TestCaseId bigint, @Verdict varchar(20), @Score float, @Output nvarchar(max), @Error nvarchar(max), @DurationMs bigint, @InputTokens bigint, @OutputTokens bigint, @Cost float
INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
VALUES (@RunId, @TestCaseId, @Verdict, @Score, @Output, @Error, @DurationMs, @InputTokens, @OutputTokens, @Cost);
