-- Purpose:    Sets a tenant's own limits and worker pool.
-- Parameters: @TenantSlug               the tenant
--             @BatchLimit               runs per batch, 1 to 1000; NULL: the server's Dispatch:BatchLimit
--             @PendingWarningThreshold  pending runs above which it is in WARNING; NULL: the server's Health:PendingWarning
--             @WorkerPool               a pool that some server works: 1 to 50 of a-z, 0-9, '_' and '-', but not maintenance; NULL: the common pool
--             @Apply                    1 changes; 0 only shows
-- Changes:    all three columns of eval.Tenant, effective at the tenant's next batch. Audit record TENANT_LIMITS_SET.
-- Undo:       run it again with the previous values, which it shows
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @BatchLimit int = NULL;
DECLARE @PendingWarningThreshold int = NULL;
DECLARE @WorkerPool nvarchar(200) = NULL;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint, @BatchLimitBefore int, @ThresholdBefore int, @PoolBefore nvarchar(50);

BEGIN TRY
    BEGIN TRANSACTION;

    SELECT @TenantId = t.Id, @BatchLimitBefore = t.BatchLimit, @ThresholdBefore = t.PendingWarningThreshold, @PoolBefore = t.WorkerPool
    FROM eval.Tenant t WITH (UPDLOCK, ROWLOCK)
    WHERE t.Slug = @TenantSlug;
    IF @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @BatchLimit NOT BETWEEN 1 AND 1000
        THROW 50007, N'@BatchLimit must be from 1 to 1000 runs.', 1;
    IF @PendingWarningThreshold < 0
        THROW 50008, N'@PendingWarningThreshold must be 0 or more runs.', 1;
    IF LEN(@WorkerPool) NOT BETWEEN 1 AND 50 OR PATINDEX(N'%[^abcdefghijklmnopqrstuvwxyz0123456789_-]%', @WorkerPool COLLATE Latin1_General_BIN2) > 0
        THROW 50009, N'@WorkerPool must be 1 to 50 of a-z, 0-9, ''_'' and ''-''.', 1;
    IF @WorkerPool = N'maintenance'
        THROW 50009, N'The worker pool ''maintenance'' is reserved for the recurring jobs.', 1;

    IF @Apply = 1
    BEGIN
        UPDATE eval.Tenant
        SET BatchLimit = @BatchLimit, PendingWarningThreshold = @PendingWarningThreshold, WorkerPool = @WorkerPool
        WHERE Id = @TenantId;

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        VALUES (@TenantId, N'TENANT_LIMITS_SET', N'Tenant', @TenantId, CONCAT(N'sql:', SUSER_SNAME()),
                CONCAT(N'{"batchLimit":', COALESCE(CAST(@BatchLimit AS nvarchar(20)), N'null'),
                       N',"pendingWarningThreshold":', COALESCE(CAST(@PendingWarningThreshold AS nvarchar(20)), N'null'),
                       N',"workerPool":', CASE WHEN @WorkerPool IS NULL THEN N'null' ELSE CONCAT(N'"', @WorkerPool, N'"') END, N'}'));
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

SELECT @TenantId AS TenantId, @BatchLimitBefore AS BatchLimitBefore, @BatchLimit AS BatchLimit, @ThresholdBefore AS PendingWarningThresholdBefore,
       @PendingWarningThreshold AS PendingWarningThreshold, @PoolBefore AS WorkerPoolBefore, @WorkerPool AS WorkerPool, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
