-- Forgets ERRORED results of a failed attempt, some at a time, so that the next attempt asks those cases again. Runs after RetryRunLater.
DELETE FROM TestCaseResult
WHERE rowid IN (SELECT x.rowid FROM TestCaseResult x WHERE x.RunId = @RunId AND x.Verdict = 'ERRORED' LIMIT @Limit);
