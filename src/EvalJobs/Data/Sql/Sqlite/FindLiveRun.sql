-- The pending or running run of a version, of which there is at most one.
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM EvaluationRun
WHERE VersionId = @VersionId AND Status IN ('PENDING', 'RUNNING');
