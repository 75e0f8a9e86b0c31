-- Ends a run that has not ended. RUNNING or PENDING alike; whoever works it finds its lease gone.
UPDATE EvaluationRun
SET Status = 'CANCELLED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
WHERE Id = @RunId AND Status IN ('PENDING', 'RUNNING')
RETURNING Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error;
