-- Runs newest first, a page at a time: pass the last id seen as @BeforeId. Null means any.
SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM EvaluationRun
WHERE (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@VersionId IS NULL OR VersionId = @VersionId)
  AND (@SuiteId IS NULL OR SuiteId = @SuiteId)
  AND (@Status IS NULL OR Status = @Status)
  AND Id < @BeforeId
ORDER BY Id DESC
LIMIT @Limit;
