-- A run that waits, held until the transaction ends, so that nobody changes it between the read and the write.
-- Parameters: @RunId bigint
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM eval.EvaluationRun WITH (UPDLOCK, ROWLOCK)
WHERE Id = @RunId AND Status = 'PENDING';
