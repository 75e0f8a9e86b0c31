-- Purpose:    Starts a run of one agent version, as 'run create' does.
-- Parameters: @VersionId  the version, in any state but RETIRED
--             @SuiteId    a suite of its tenant; NULL: the tenant's default suite
--             @Priority   -1000 to 1000; higher goes first within the tenant
--             @Apply      1 changes; 0 only shows
-- Changes:    a PENDING row in eval.EvaluationRun for the suite's current revision. eval.AgentVersion.EvalStatus to RUNNING if the version requires that suite
--             revision (a run of any other is for information only). Audit record RUN_CREATED. The next tick starts the run.
-- Undo:       14-cancel-runs.sql with the run's id; the version then gets the evaluation status that follows from its evidence
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @VersionId bigint = NULL;
DECLARE @SuiteId bigint = NULL;
DECLARE @Priority int = 0;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint, @LifecycleState varchar(20), @EvalStatus varchar(20), @Chosen bigint, @Revision int, @PassThreshold float, @CaseCount int, @RunId bigint;

IF @Priority IS NULL OR @Priority NOT BETWEEN -1000 AND 1000
    THROW 50017, N'@Priority: A priority is a whole number from -1000 to 1000.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    -- Locked until the end, as in the program: no other session can begin a run of this version before that.
    SELECT @TenantId = v.TenantId, @LifecycleState = v.LifecycleState, @EvalStatus = v.EvalStatus
    FROM eval.AgentVersion v WITH (UPDLOCK, ROWLOCK)
    WHERE v.Id = @VersionId;

    SELECT @Chosen = s.Id, @Revision = s.Revision, @PassThreshold = s.PassThreshold
    FROM eval.EvaluationSuite s
    WHERE s.TenantId = @TenantId AND (s.Id = @SuiteId OR (@SuiteId IS NULL AND s.IsDefault = 1));

    SET @CaseCount = (SELECT COUNT(*) FROM eval.TestCase c WHERE c.SuiteId = @Chosen AND c.Revision = @Revision);

    IF @TenantId IS NULL
        THROW 50002, N'There is no such version: set @VersionId.', 1;
    IF @LifecycleState = 'RETIRED'
        THROW 50003, N'The version is RETIRED and cannot be evaluated any more.', 1;
    IF @Chosen IS NULL
        THROW 50004, N'The version''s tenant has no such suite, or no default one: set @SuiteId.', 1;
    IF @CaseCount = 0
        THROW 50005, N'The suite has no cases: a run of it would prove nothing.', 1;
    IF EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.VersionId = @VersionId AND r.SuiteId = @Chosen AND r.Status IN ('PENDING', 'RUNNING'))
        THROW 50006, N'The version has a run of this suite that has not ended; it has one at a time of each suite.', 1;

    IF @Apply = 1
    BEGIN
        INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold)
        VALUES (@TenantId, @Chosen, @Revision, @VersionId, 'PENDING', @Priority, @EvalStatus, 'MANUAL', @CaseCount, @PassThreshold);
        SET @RunId = SCOPE_IDENTITY();

        UPDATE eval.AgentVersion
        SET EvalStatus = 'RUNNING'
        WHERE Id = @VersionId
          AND EXISTS (SELECT 1 FROM eval.VersionRequirement q
              WHERE q.VersionId = @VersionId AND q.SuiteId = @Chosen AND q.SuiteRevision = @Revision
                AND NOT EXISTS (SELECT 1 FROM eval.VersionGate l JOIN eval.VersionGate g ON g.Id = q.GateId AND l.VersionId = g.VersionId AND l.Round > g.Round));

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        VALUES (@TenantId, N'RUN_CREATED', N'EvaluationRun', @RunId, CONCAT(N'sql:', SUSER_SNAME()),
                CONCAT(N'{"versionId":', @VersionId, N',"suiteId":', @Chosen, N',"suiteRevision":', @Revision, N',"trigger":"MANUAL","priority":', @Priority, N'}'));
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

SELECT @RunId AS RunId, @VersionId AS VersionId, @Chosen AS SuiteId, @Revision AS SuiteRevision, @CaseCount AS CaseCount, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
