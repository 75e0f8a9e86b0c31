-- The ids of a page of runs, newest first, live and archived alike. Null means any. Ids follow creation, so a time is a range of ids.
-- RECOMPILE: the best index depends on which filters are given. A run on its way to the archive may be met twice.
-- CAST: the program sends text as nvarchar, and by some collations a varchar column is then converted row by row instead of sought.
-- Parameters: @TenantId bigint, @VersionId bigint, @SuiteId bigint, @BatchId bigint, @Status varchar(20), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) x.Id
FROM (SELECT Id
      FROM eval.EvaluationRun
      WHERE (@TenantId IS NULL OR TenantId = @TenantId)
        AND (@VersionId IS NULL OR VersionId = @VersionId)
        AND (@SuiteId IS NULL OR SuiteId = @SuiteId)
        AND (@BatchId IS NULL OR TenantBatchId = @BatchId)
        AND (@Status IS NULL OR Status = CAST(@Status AS varchar(20)))
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM eval.EvaluationRunArchive
      WHERE (@TenantId IS NULL OR TenantId = @TenantId)
        AND (@VersionId IS NULL OR VersionId = @VersionId)
        AND (@SuiteId IS NULL OR SuiteId = @SuiteId)
        AND (@BatchId IS NULL OR TenantBatchId = @BatchId)
        AND (@Status IS NULL OR Status = CAST(@Status AS varchar(20)))
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
OPTION (RECOMPILE);
