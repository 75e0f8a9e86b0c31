-- Purpose:    Starts a new run for versions whose last run of a suite FAILED. The failed run itself stays FAILED.
-- Parameters: @TenantSlug  runs of this tenant; empty: all
--             @RunId       only this failed run, whatever its age and error; NULL: by the other parameters
--             @SinceHours  only runs that failed within so many hours, 0 to 876000
--             @ErrorLike   only runs whose error matches this LIKE pattern
--             @Top         new runs at most
--             @Apply       1 changes; 0 only shows
-- Changes:    PENDING rows in eval.EvaluationRun with trigger RETRY, with the suite revision and threshold of the failed run, as 'run retry' does.
--             eval.AgentVersion.EvalStatus to RUNNING if the version requires that suite revision. One audit record RUN_CREATED per run. Left out: RETIRED
--             versions, and versions that have had another run of the suite since, live or archived.
-- Undo:       14-cancel-runs.sql with @Status = 'PENDING'; the versions then get the evaluation status that follows from their evidence
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @RunId bigint = NULL;
DECLARE @SinceHours int = 24;
DECLARE @ErrorLike nvarchar(200) = N'%';
DECLARE @Top int = 100;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint;
DECLARE @Chosen TABLE (FailedRunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, VersionId bigint NOT NULL, SuiteId bigint NOT NULL, SuiteRevision int NOT NULL,
                       Priority int NOT NULL, EvalStatus varchar(20) NOT NULL, CaseCount int NOT NULL, PassThreshold float NOT NULL, Error nvarchar(max) NULL);

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @TenantSlug <> N'' AND @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @SinceHours IS NULL OR @SinceHours NOT BETWEEN 0 AND 876000
        THROW 50023, N'@SinceHours must be from 0 to 876000 hours.', 1;
    IF @ErrorLike IS NULL
        THROW 50025, N'@ErrorLike must not be NULL: N''%'' matches any error.', 1;
    IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 2000
        THROW 50022, N'@Top must be from 1 to 2000.', 1;

    BEGIN TRANSACTION;

    -- Compiled for the given values: a run is sought by its id, and no other run is locked.
    INSERT INTO @Chosen (FailedRunId, TenantId, VersionId, SuiteId, SuiteRevision, Priority, EvalStatus, CaseCount, PassThreshold, Error)
    SELECT TOP (@Top) r.Id, r.TenantId, r.VersionId, r.SuiteId, r.SuiteRevision,
           -- A priority from before there were bounds is moved within them, as in 'run retry'.
           CASE WHEN r.Priority < -1000 THEN -1000 WHEN r.Priority > 1000 THEN 1000 ELSE r.Priority END, v.EvalStatus,
           (SELECT COUNT(*) FROM eval.TestCase c WHERE c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision), r.PassThreshold, r.Error
    FROM eval.EvaluationRun r
    JOIN eval.AgentVersion v WITH (UPDLOCK, ROWLOCK) ON v.Id = r.VersionId
    WHERE r.Status = 'FAILED'
      AND v.LifecycleState <> 'RETIRED'
      AND (@TenantId IS NULL OR r.TenantId = @TenantId)
      AND (@RunId IS NULL OR r.Id = @RunId)
      AND (@RunId IS NOT NULL OR (r.CompletedAt >= DATEADD(hour, -@SinceHours, CAST(SYSUTCDATETIME() AS datetime2(3))) AND COALESCE(r.Error, N'') LIKE @ErrorLike))
      AND NOT EXISTS (SELECT 1 FROM eval.EvaluationRun later WHERE later.VersionId = r.VersionId AND later.SuiteId = r.SuiteId AND later.Id > r.Id)
      -- A restored failed run is in this table, while later runs may still be in the archive.
      AND NOT EXISTS (SELECT 1 FROM eval.EvaluationRunArchive later WHERE later.VersionId = r.VersionId AND later.SuiteId = r.SuiteId AND later.Id > r.Id)
    ORDER BY r.Id
    OPTION (RECOMPILE);
    IF @RunId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM @Chosen c)
        THROW 50016, N'Run @RunId cannot be retried: it does not exist, is not FAILED or not of @TenantSlug, or its version is RETIRED or has had another run of the suite since.', 1;

    IF @Apply = 1
    BEGIN
        INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold, RepeatsRunId)
        SELECT c.TenantId, c.SuiteId, c.SuiteRevision, c.VersionId, 'PENDING', c.Priority, c.EvalStatus, 'RETRY', c.CaseCount, c.PassThreshold, c.FailedRunId
        FROM @Chosen c;

        UPDATE eval.AgentVersion
        SET EvalStatus = 'RUNNING'
        WHERE Id IN (SELECT c.VersionId FROM @Chosen c
                     WHERE EXISTS (SELECT 1 FROM eval.VersionRequirement q
                          WHERE q.VersionId = c.VersionId AND q.SuiteId = c.SuiteId AND q.SuiteRevision = c.SuiteRevision
                            AND NOT EXISTS (SELECT 1 FROM eval.VersionGate l JOIN eval.VersionGate g ON g.Id = q.GateId AND l.VersionId = g.VersionId AND l.Round > g.Round)));

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_CREATED', N'EvaluationRun', r.Id, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"versionId":', c.VersionId, N',"suiteId":', c.SuiteId, N',"suiteRevision":', c.SuiteRevision,
                      N',"trigger":"RETRY","priority":', c.Priority, N',"repeatsRun":', c.FailedRunId, N'}')
        FROM @Chosen c
        JOIN eval.EvaluationRun r ON r.VersionId = c.VersionId AND r.SuiteId = c.SuiteId AND r.Status = 'PENDING';
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    IF ERROR_NUMBER() = 1222
    BEGIN
        -- This script no longer holds a lock; the listed sessions do. The session that has been idle longest in an open transaction is the first one.
        DECLARE @Waited nvarchar(2000) = N'Waited 10 seconds for a lock that another session holds; this transaction changed nothing. Run it again later. Sessions with locks here: ';
        IF 1 IN (HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE'))
            SET @Waited = CONCAT(@Waited, (SELECT STRING_AGG(b.Holder, N'; ')
                                           FROM (SELECT TOP (5) CONCAT(s.session_id, N' (', s.program_name, N' on ', s.host_name, N', login ', s.login_name,
                                                                       N', last request ended ', CONVERT(nvarchar(19), s.last_request_end_time, 120), N')') AS Holder
                                                 FROM sys.dm_exec_sessions s
                                                 WHERE s.session_id <> @@SPID AND s.open_transaction_count > 0
                                                   AND EXISTS (SELECT 1 FROM sys.dm_tran_locks l WHERE l.request_session_id = s.session_id AND l.resource_database_id = DB_ID() AND l.resource_type <> N'DATABASE')
                                                 ORDER BY s.last_request_end_time) b));
        ELSE
            SET @Waited = CONCAT(@Waited, N'only a login with VIEW SERVER STATE sees them.');
        THROW 50021, @Waited, 1;
    END;
    THROW;
END CATCH;

SELECT c.FailedRunId, c.TenantId, c.VersionId, c.Error, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c
ORDER BY c.FailedRunId;

IF (SELECT COUNT(*) FROM @Chosen c) = @Top
    SELECT N'The limit @Top was reached: more may be left. Run it again.' AS Remark;
