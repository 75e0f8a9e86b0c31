-- Copies archived runs back among the live ones under their old ids. @RunIds is a JSON array of ids.
-- Parameters: @RunIds nvarchar(max)
SET IDENTITY_INSERT eval.EvaluationRun ON;
INSERT INTO eval.EvaluationRun (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error, RestoredAt)
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error, SYSUTCDATETIME()
FROM eval.EvaluationRunArchive
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j);
SET IDENTITY_INSERT eval.EvaluationRun OFF;
