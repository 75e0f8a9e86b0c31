-- Returns runs whose lease lapsed and that have attempts left to the queue, some at a time; each failed attempt doubles the wait (capped).
UPDATE EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL,
    DueAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + MIN(@BackoffMs * (1 << (Attempt - 1)), @MaxBackoffMs),
    Error = 'The lease of attempt ' || Attempt || ' lapsed: its worker (' || LeaseOwner || ') vanished.'
WHERE Id IN (SELECT Id FROM EvaluationRun WHERE Status = 'RUNNING' AND LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) AND Attempt < @MaxAttempts LIMIT @Limit)
RETURNING Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error;
