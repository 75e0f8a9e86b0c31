-- Forgets the ERRORED results of a failed attempt, so that the next attempt asks those cases again. Runs after HoldRun or RetryRunLater.
DELETE FROM TestCaseResult
WHERE RunId = @RunId AND Verdict = 'ERRORED';
