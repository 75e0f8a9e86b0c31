-- Copies ended runs to the archive. @RunIds is a JSON array of ids.
INSERT INTO EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error)
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM EvaluationRun
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND CompletedAt IS NOT NULL;
