-- Ends some runs whose lease lapsed on the last attempt. The caller sets their versions in the same transaction.
UPDATE EvaluationRun
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER),
    Error = 'Given up after ' || Attempt || ' attempts: the last worker (' || LeaseOwner || ') vanished and its lease lapsed.'
WHERE Id IN (SELECT Id FROM EvaluationRun WHERE Status = 'RUNNING' AND LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AND Attempt >= @MaxAttempts LIMIT @Limit)
RETURNING Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error;
