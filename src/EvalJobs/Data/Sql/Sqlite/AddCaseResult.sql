-- Stores one result. Runs after HoldRun in the same transaction, so a zombie never gets here.
INSERT INTO TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
VALUES (@RunId, @TestCaseId, @Verdict, @Score, @Output, @Error, @DurationMs, @InputTokens, @OutputTokens, @Cost);
