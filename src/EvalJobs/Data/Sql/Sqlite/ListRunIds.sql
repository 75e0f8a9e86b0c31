-- The ids of a page of runs, newest first, live and archived alike. Null means any. Ids follow creation, so a time is a range of ids.
-- SQLite plans before it knows which filters are given: one part for each filter that may lead, each with its own index, of which
-- one does anything. A run on its way to the archive may be met twice.
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NOT NULL AND VersionId = @VersionId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@SuiteId IS NULL OR SuiteId = @SuiteId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = @Status)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NOT NULL AND VersionId = @VersionId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@SuiteId IS NULL OR SuiteId = @SuiteId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = @Status)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NULL AND @SuiteId IS NOT NULL AND SuiteId = @SuiteId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = @Status)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NULL AND @SuiteId IS NOT NULL AND SuiteId = @SuiteId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = @Status)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NOT NULL AND TenantBatchId = @BatchId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Status IS NULL OR Status = @Status)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NOT NULL AND TenantBatchId = @BatchId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Status IS NULL OR Status = @Status)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @TenantId IS NOT NULL AND @Status IS NOT NULL AND TenantId = @TenantId AND Status = @Status
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @TenantId IS NOT NULL AND @Status IS NOT NULL AND TenantId = @TenantId AND Status = @Status
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @Status IS NULL AND @TenantId IS NOT NULL AND TenantId = @TenantId
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @Status IS NULL AND @TenantId IS NOT NULL AND TenantId = @TenantId
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @TenantId IS NULL AND @Status IS NOT NULL AND Status = @Status
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @TenantId IS NULL AND @Status IS NOT NULL AND Status = @Status
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRun
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @TenantId IS NULL AND @Status IS NULL
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id
FROM EvaluationRunArchive
WHERE @VersionId IS NULL AND @SuiteId IS NULL AND @BatchId IS NULL AND @TenantId IS NULL AND @Status IS NULL
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
LIMIT @Limit;
