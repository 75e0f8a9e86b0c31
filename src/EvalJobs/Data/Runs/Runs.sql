-- list: run columns
Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, CutCount, InputTokens, OutputTokens, Cost, Error,
FailedAttempts, DeathCount, ContinuesRunId, LastFailedAt, AcknowledgedAt, AcknowledgedBy, RepeatsRunId

-- list: run figures
PassRate, OverallScore,
PassedCount, FailedCount, ErroredCount, UnscoredCount, CutCount,
InputTokens, OutputTokens, Cost

-- list: result columns
RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost, IsCut, AskAgain

-- list: run figures declared
@PassRate float, @OverallScore float, @PassedCount int, @FailedCount int, @ErroredCount int, @UnscoredCount int, @CutCount int, @InputTokens bigint, @OutputTokens bigint, @Cost float

-- name: GetRun
-- One run, wherever it is: among the live ones or in the archive.
-- Parameters: @RunId bigint
SELECT {run columns}
FROM {schema}EvaluationRun
WHERE Id = @RunId
UNION ALL
SELECT {run columns}
FROM {schema}EvaluationRunArchive
WHERE Id = @RunId;

-- name: ListLiveRuns
-- The pending and running runs of a version, of which each suite has at most one.
-- Parameters: @VersionId bigint
SELECT {run columns}
FROM {schema}EvaluationRun
WHERE VersionId = @VersionId AND Status IN ('PENDING', 'RUNNING')
ORDER BY Id;

-- name: LockPendingRun
-- A pending run, locked until the transaction ends, so that it cannot change between the read and the write.
-- Parameters: @RunId bigint
SELECT {run columns}
FROM {schema}EvaluationRun {with UPDLOCK, ROWLOCK}
WHERE Id = @RunId AND Status = 'PENDING';

-- name: SetRunPriority
-- Changes the priority of a pending run.
-- Parameters: @RunId bigint, @Priority int
UPDATE {schema}EvaluationRun
SET Priority = @Priority
WHERE Id = @RunId AND Status = 'PENDING';

-- name: LockFailedRun
-- A run that failed permanently, locked until the transaction ends, so that only one person acknowledges it.
-- Parameters: @RunId bigint
SELECT {run columns}
FROM {schema}EvaluationRun {with UPDLOCK, ROWLOCK}
WHERE Id = @RunId AND Status = 'FAILED';

-- name: AcknowledgeRun
-- Acknowledges a run that failed permanently.
-- Parameters: @RunId bigint, @Actor nvarchar(200)
UPDATE {schema}EvaluationRun
SET AcknowledgedAt = {now}, AcknowledgedBy = @Actor
WHERE Id = @RunId AND Status = 'FAILED' AND AcknowledgedAt IS NULL;

-- name: ListRunIds
-- The ids of a page of runs, newest first, live and archived. Ids follow creation, so a time is a range of ids. A run that is just being archived may be returned twice.
-- There is one query for each filter that has its own index: SQLite plans before it knows which filters are given, and one query for all took most of a millisecond to plan.
-- Parameters: @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunIdsOfVersion
-- The same for a version. The other filters may be null: then they are ignored.
-- Parameters: @VersionId bigint, @TenantId bigint, @SuiteId bigint, @BatchId bigint, @Status varchar(20), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE VersionId = @VersionId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@SuiteId IS NULL OR SuiteId = @SuiteId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = {word @Status})
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE VersionId = @VersionId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@SuiteId IS NULL OR SuiteId = @SuiteId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = {word @Status})
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunIdsOfSuite
-- The same for a suite. The other filters may be null.
-- Parameters: @SuiteId bigint, @TenantId bigint, @BatchId bigint, @Status varchar(20), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE SuiteId = @SuiteId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = {word @Status})
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE SuiteId = @SuiteId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@BatchId IS NULL OR TenantBatchId = @BatchId) AND (@Status IS NULL OR Status = {word @Status})
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunIdsOfBatch
-- The same for the tenant batch that claimed them last. The other filters may be null.
-- Parameters: @BatchId bigint, @TenantId bigint, @Status varchar(20), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE TenantBatchId = @BatchId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Status IS NULL OR Status = {word @Status})
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE TenantBatchId = @BatchId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Status IS NULL OR Status = {word @Status})
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunIdsOfTenantAndState
-- The same for a tenant and a state.
-- Parameters: @TenantId bigint, @Status varchar(20), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE TenantId = @TenantId AND Status = {word @Status}
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE TenantId = @TenantId AND Status = {word @Status}
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunIdsOfTenant
-- The same for a tenant.
-- Parameters: @TenantId bigint, @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE TenantId = @TenantId
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE TenantId = @TenantId
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunIdsInState
-- The same for a state.
-- Parameters: @Status varchar(20), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} x.Id
FROM (SELECT Id
      FROM {schema}EvaluationRun
      WHERE Status = {word @Status}
        AND Id > @AfterId AND Id < @BeforeId
      UNION ALL
      SELECT Id
      FROM {schema}EvaluationRunArchive
      WHERE Status = {word @Status}
        AND Id > @AfterId AND Id < @BeforeId) x
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: ListRunsNeedingAction
-- The ids of a page of runs that failed permanently, newest first, that nobody has acknowledged and that no later run of the version and suite has
-- replaced; a cancelled one replaces nothing. Null means any. Reads an index of failed runs only.
-- Parameters: @TenantId bigint, @VersionId bigint, @SuiteId bigint, @BatchId bigint, @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} r.Id
FROM {schema}EvaluationRun r {indexed by IX_EvaluationRun_NotAcknowledged}
WHERE r.Status = 'FAILED' AND r.AcknowledgedAt IS NULL
  AND (@TenantId IS NULL OR r.TenantId = @TenantId) AND (@VersionId IS NULL OR r.VersionId = @VersionId) AND (@SuiteId IS NULL OR r.SuiteId = @SuiteId)
  AND (@BatchId IS NULL OR r.TenantBatchId = @BatchId)
  AND r.Id > @AfterId AND r.Id < @BeforeId
  AND NOT EXISTS (SELECT 1 FROM {schema}EvaluationRun n {indexed by IX_EvaluationRun_Version} WHERE n.VersionId = r.VersionId AND n.SuiteId = r.SuiteId AND n.Id > r.Id AND n.Status <> 'CANCELLED')
ORDER BY r.Id DESC
{limit @Limit};

-- name: ListRunOutcomes
-- The columns from which the outcome of these runs (@RunIds, a JSON array) follows; live and archived.
-- Parameters: @RunIds nvarchar(max)
SELECT x.Id, x.Status, x.PassedCount, x.CaseCount, x.PassThreshold, k.VoidedAt
FROM (SELECT Id, Status, PassedCount, CaseCount, PassThreshold
      FROM {schema}EvaluationRun
      WHERE Id IN ({ids @RunIds})
      UNION ALL
      SELECT Id, Status, PassedCount, CaseCount, PassThreshold
      FROM {schema}EvaluationRunArchive
      WHERE Id IN ({ids @RunIds})) x
LEFT JOIN {schema}RunLook k ON k.RunId = x.Id;

-- name: ListRepeatingRuns
-- The ids of the runs that repeat one, live or archived.
-- Parameters: @RunId bigint
SELECT Id
FROM {schema}EvaluationRun
WHERE RepeatsRunId = @RunId AND RepeatsRunId IS NOT NULL
UNION
SELECT Id
FROM {schema}EvaluationRunArchive
WHERE RepeatsRunId = @RunId AND RepeatsRunId IS NOT NULL
ORDER BY Id;

-- name: GetRunContext
-- What a run's page shows in addition to the run: the clock; the batch that claimed it last, unless that was deleted; and, live and archived, the latest COMPLETED run
-- of its suite by its version's parent that is not void.
-- Parameters: @VersionId bigint, @SuiteId bigint, @BatchId bigint
SELECT {now} AS ReadAt, b.Id AS BatchId, b.HangfireJobId,
       (SELECT MAX(p.Id)
        FROM {schema}EvaluationRun p {indexed by IX_EvaluationRun_Version}
        WHERE p.VersionId = v.ParentVersionId AND p.SuiteId = @SuiteId AND p.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = p.Id AND k.VoidedAt IS NOT NULL)) AS ParentRunId,
       (SELECT MAX(p.Id)
        FROM {schema}EvaluationRunArchive p {indexed by IX_EvaluationRunArchive_Version}
        WHERE p.VersionId = v.ParentVersionId AND p.SuiteId = @SuiteId AND p.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = p.Id AND k.VoidedAt IS NOT NULL)) AS ArchivedParentRunId
FROM {schema}AgentVersion v
LEFT JOIN {schema}TenantBatch b ON b.Id = @BatchId
WHERE v.Id = @VersionId;

-- name: CountVerdicts
-- How many results of each verdict a run has so far; live or archived.
-- Parameters: @RunId bigint
SELECT x.Verdict, COUNT(*) AS ResultCount
FROM (SELECT Verdict
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId
      UNION ALL
      SELECT Verdict
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId) x
GROUP BY x.Verdict;

-- name: GetCaseText
-- The whole texts of one case of a run, live or archived. No row when the case is not of the run's suite.
-- Parameters: @RunId bigint, @SuiteId bigint, @TestCaseId bigint
SELECT c.Input, c.ExpectedOutput, COALESCE(l.Output, a.Output) AS Output
FROM {schema}TestCase c
LEFT JOIN {schema}TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.Id = @TestCaseId AND c.SuiteId = @SuiteId;
