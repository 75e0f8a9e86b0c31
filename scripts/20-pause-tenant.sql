-- Purpose:    Pauses a tenant, so that its pending runs wait, or resumes it.
-- Parameters: @TenantSlug  the tenant
--             @Pause       1 pauses, 0 resumes
--             @Apply       1 changes; 0 only shows
-- Changes:    eval.Tenant.IsPaused. Audit record TENANT_PAUSED or TENANT_RESUMED. Runs in progress are finished; no other run is claimed.
-- Undo:       run it again with the other value of @Pause
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Pause bit = 1;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint, @WasPaused bit;

IF @Pause IS NULL
    THROW 50025, N'@Pause must be 1 or 0.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    SELECT @TenantId = t.Id, @WasPaused = t.IsPaused
    FROM eval.Tenant t WITH (UPDLOCK, ROWLOCK)
    WHERE t.Slug = @TenantSlug;
    IF @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;

    IF @Apply = 1 AND @WasPaused <> @Pause
    BEGIN
        UPDATE eval.Tenant
        SET IsPaused = @Pause
        WHERE Id = @TenantId;

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        VALUES (@TenantId, CASE WHEN @Pause = 1 THEN N'TENANT_PAUSED' ELSE N'TENANT_RESUMED' END, N'Tenant', @TenantId, CONCAT(N'sql:', SUSER_SNAME()),
                CASE WHEN @Pause = 1 THEN N'{"isPaused":true}' ELSE N'{"isPaused":false}' END);
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

SELECT @TenantId AS TenantId, @WasPaused AS WasPaused, @Pause AS Pause,
       CASE WHEN @WasPaused = @Pause THEN N'is already as requested' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
