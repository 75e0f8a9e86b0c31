-- One run, wherever it is: among the live ones or in the archive.
-- Parameters: @RunId bigint
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM eval.EvaluationRun
WHERE Id = @RunId
UNION ALL
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM eval.EvaluationRunArchive
WHERE Id = @RunId;
