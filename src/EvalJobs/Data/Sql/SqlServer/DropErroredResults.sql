-- Forgets ERRORED results of a failed attempt, some at a time, so that the next attempt asks those cases again. Runs after RetryRunLater.
-- Some, because SQL Server locks the whole table when one statement takes some 5000 rows of it.
-- Parameters: @RunId bigint, @Limit int
DELETE TOP (@Limit) FROM eval.TestCaseResult
WHERE RunId = @RunId AND Verdict = 'ERRORED';
