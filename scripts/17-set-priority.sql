-- Purpose:    Changes the priority of pending runs: one, or all of a tenant.
-- Parameters: @RunId       only this run; NULL: by the other parameters
--             @TenantSlug  pending runs of this tenant; required when @RunId is NULL
--             @Priority    the new priority, -1000 to 1000; higher goes first within the tenant. It does not change the order of tenants
--             @Top         runs at most: so few that SQL Server does not lock the whole table
--             @Apply       1 changes; 0 only shows
-- Changes:    eval.EvaluationRun.Priority of PENDING runs. One audit record RUN_PRIORITY_SET per run, with the previous priority.
-- Undo:       set the previous priority, which is in the audit record
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @RunId bigint = NULL;
DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Priority int = 10;
DECLARE @Top int = 1000;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, PriorityBefore int NOT NULL);

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @RunId IS NULL AND @TenantSlug = N''
        THROW 50001, N'Give @RunId or @TenantSlug.', 1;
    IF @TenantSlug <> N'' AND @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @Priority IS NULL OR @Priority NOT BETWEEN -1000 AND 1000
        THROW 50017, N'@Priority: A priority is a whole number from -1000 to 1000.', 1;
    IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 2000
        THROW 50022, N'@Top must be from 1 to 2000.', 1;

    BEGIN TRANSACTION;

    -- Compiled for the given values: a run is sought by its id, and no other run is locked.
    INSERT INTO @Chosen (RunId, TenantId, PriorityBefore)
    SELECT TOP (@Top) r.Id, r.TenantId, r.Priority
    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
    WHERE r.Status = 'PENDING' AND r.Priority <> @Priority
      AND (@RunId IS NULL OR r.Id = @RunId)
      AND (@TenantId IS NULL OR r.TenantId = @TenantId)
    ORDER BY r.Id
    OPTION (RECOMPILE);
    IF @RunId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM eval.EvaluationRun w WHERE w.Id = @RunId AND w.Status = 'PENDING' AND (@TenantId IS NULL OR w.TenantId = @TenantId))
        THROW 50016, N'Run @RunId is not PENDING any more, or is not of @TenantSlug: only a PENDING run''s priority can be changed.', 1;

    IF @Apply = 1
    BEGIN
        UPDATE eval.EvaluationRun
        SET Priority = @Priority
        WHERE Id IN (SELECT c.RunId FROM @Chosen c) AND Status = 'PENDING';

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_PRIORITY_SET', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"previous":', c.PriorityBefore, N',"priority":', @Priority, N'}')
        FROM @Chosen c;
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

SELECT c.RunId, c.TenantId, c.PriorityBefore, @Priority AS PriorityAfter, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c
ORDER BY c.RunId;

IF (SELECT COUNT(*) FROM @Chosen c) = @Top
    SELECT N'The limit @Top was reached: more may be left. Run it again.' AS Remark;
