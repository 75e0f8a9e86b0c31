-- Purpose:    Deletes a tenant and all data stored about it. Before that, make a copy ("A copy of a tenant" in docs/operate/sqlserver.md) and pause the
--             tenant (20-pause-tenant.sql).
-- Parameters: @TenantSlug        the tenant; it must be paused and have no run in progress
--             @DeleteAuditTrail  1 deletes its audit records, too; 0 keeps them (they contain no prompts and no replies)
--             @Apply             1 changes; 0 only shows
-- Changes:    every row of the tenant in schema eval, in one transaction. For a large tenant this keeps locks and log for a long time: run it at a time of
--             little work. Audit record TENANT_DELETED.
-- Undo:       only by restoring a backup
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @DeleteAuditTrail bit = 0;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint, @Name nvarchar(200), @IsPaused bit, @Runs int, @Results int, @Archived int, @Versions int, @Suites int, @Locked int;

BEGIN TRY
    BEGIN TRANSACTION;

    SELECT @TenantId = t.Id, @Name = t.Name, @IsPaused = t.IsPaused
    FROM eval.Tenant t
    WHERE t.Slug = @TenantSlug;
    IF @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @IsPaused = 0
        THROW 50010, N'The tenant is not paused: pause it and wait until its runs have stopped.', 1;

    -- The versions before the runs, and the tenant itself last, as everywhere (docs/develop/lock-order.md): a claim holds a run while it looks at the tenant.
    SELECT @Locked = COUNT(*) FROM eval.AgentVersion v WITH (UPDLOCK, ROWLOCK) WHERE v.TenantId = @TenantId;
    SELECT @Locked = COUNT(*) FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK) WHERE r.TenantId = @TenantId;

    IF EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId AND r.Status = 'RUNNING')
        THROW 50011, N'The tenant has a run in progress: wait, or cancel it with 14-cancel-runs.sql.', 1;
    IF EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.TenantId = @TenantId AND b.Status IN ('QUEUED', 'RUNNING'))
        THROW 50012, N'A worker still serves the tenant: wait until its batch has ended.', 1;

    SET @Runs = (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId);
    SET @Results = (SELECT COUNT(*) FROM eval.TestCaseResult x JOIN eval.EvaluationRun r ON r.Id = x.RunId WHERE r.TenantId = @TenantId);
    SET @Archived = (SELECT COUNT(*) FROM eval.EvaluationRunArchive r WHERE r.TenantId = @TenantId);
    SET @Versions = (SELECT COUNT(*) FROM eval.AgentVersion v WHERE v.TenantId = @TenantId);
    SET @Suites = (SELECT COUNT(*) FROM eval.EvaluationSuite s WHERE s.TenantId = @TenantId);

    IF @Apply = 1
    BEGIN
        DELETE FROM eval.TestCaseResultArchive
        WHERE RunId IN (SELECT r.Id FROM eval.EvaluationRunArchive r WHERE r.TenantId = @TenantId UNION ALL SELECT r.Id FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId);
        DELETE FROM eval.TestCaseResult WHERE RunId IN (SELECT r.Id FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId);
        DELETE FROM eval.EvaluationRun WHERE TenantId = @TenantId;
        DELETE FROM eval.EvaluationRunArchive WHERE TenantId = @TenantId;
        DELETE FROM eval.PromotionCertificate WHERE TenantId = @TenantId;
        DELETE FROM eval.VersionRequirement WHERE TenantId = @TenantId;
        DELETE FROM eval.VersionGate WHERE TenantId = @TenantId;
        DELETE FROM eval.RunLook WHERE TenantId = @TenantId;
        DELETE FROM eval.AgentVersion WHERE TenantId = @TenantId;
        DELETE FROM eval.RunSchedule WHERE TenantId = @TenantId;
        DELETE FROM eval.TestCase WHERE SuiteId IN (SELECT s.Id FROM eval.EvaluationSuite s WHERE s.TenantId = @TenantId);
        DELETE FROM eval.EvaluationSuite WHERE TenantId = @TenantId;
        DELETE FROM eval.PromotionPolicy WHERE TenantId = @TenantId;
        DELETE FROM eval.TenantBatch WHERE TenantId = @TenantId;
        DELETE FROM eval.TenantHealth WHERE TenantId = @TenantId;
        DELETE FROM eval.Alert WHERE TenantId = @TenantId;
        DELETE FROM eval.ApiKey WHERE TenantId = @TenantId;
        DELETE FROM eval.ApiAnswer WHERE TenantId = @TenantId;
        DELETE FROM eval.EndpointOutage WHERE TenantId = @TenantId;
        DELETE FROM eval.Tenant WHERE Id = @TenantId AND IsPaused = 1;
        IF @@ROWCOUNT <> 1
            THROW 50010, N'The tenant was resumed while this script ran; nothing was deleted. Pause it and wait until its runs have stopped.', 1;
        IF @DeleteAuditTrail = 1
            DELETE FROM eval.ChangeRecord WHERE TenantId = @TenantId;

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        VALUES (@TenantId, N'TENANT_DELETED', N'Tenant', @TenantId, CONCAT(N'sql:', SUSER_SNAME()),
                CONCAT(N'{"slug":"', STRING_ESCAPE(@TenantSlug, 'json'), N'","name":"', STRING_ESCAPE(@Name, 'json'),
                       N'","runs":', @Runs, N',"results":', @Results, N',"archivedRuns":', @Archived, N',"versions":', @Versions, N',"suites":', @Suites, N'}'));
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

SELECT @TenantId AS TenantId, @Runs AS Runs, @Results AS Results, @Archived AS ArchivedRuns, @Versions AS Versions, @Suites AS Suites, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
