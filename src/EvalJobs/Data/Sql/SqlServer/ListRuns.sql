-- Runs newest first, a page at a time: pass the last id seen as @BeforeId. Null means any.
-- RECOMPILE: the best index depends on which filters are given.
-- CAST: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @VersionId bigint, @SuiteId bigint, @Status varchar(20), @BeforeId bigint, @Limit int
SELECT TOP (@Limit) Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error
FROM eval.EvaluationRun
WHERE (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@VersionId IS NULL OR VersionId = @VersionId)
  AND (@SuiteId IS NULL OR SuiteId = @SuiteId)
  AND (@Status IS NULL OR Status = CAST(@Status AS varchar(20)))
  AND Id < @BeforeId
ORDER BY Id DESC
OPTION (RECOMPILE);
