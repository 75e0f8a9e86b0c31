-- Copies ended runs to the archive. @RunIds is a JSON array of ids.
-- UPDLOCK and HOLDLOCK: what is copied is deleted next, and nobody may delete it in between.
-- Parameters: @RunIds nvarchar(max)
INSERT INTO eval.EvaluationRunArchive (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error)
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
       TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
       UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM eval.EvaluationRun WITH (UPDLOCK, HOLDLOCK)
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j) AND CompletedAt IS NOT NULL;
