-- Copies archived runs back among the live ones under their old ids. @RunIds is a JSON array of ids.
INSERT INTO EvaluationRun (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error, RestoredAt)
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
FROM EvaluationRunArchive
WHERE Id IN (SELECT value FROM json_each(@RunIds));
