-- Purpose:    Shows the pending runs that have waited longest, and what they wait for.
-- Parameters: @TenantSlug  only this tenant; empty: all
--             @Top         rows at most
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Top int = 50;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @TenantSlug <> N'' AND NOT EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Slug = @TenantSlug)
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 100000
        THROW 50022, N'@Top must be from 1 to 100000.', 1;

    SELECT TOP (@Top) r.Id AS RunId, t.Slug, v.AgentName, v.VersionLabel, r.Priority, r.Attempt, r.DueAt, r.CreatedAt,
           DATEDIFF_BIG(second, r.CreatedAt, SYSUTCDATETIME()) AS AgeSeconds,
           CASE WHEN t.IsPaused = 1 THEN N'its tenant is paused'
                WHEN r.DueAt > CAST(SYSUTCDATETIME() AS datetime2(3)) THEN N'the wait after a failed attempt'
                WHEN EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.TenantId = t.Id AND b.Status = 'RUNNING') THEN N'its turn: the tenant is being served'
                WHEN EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.TenantId = t.Id AND b.Status = 'QUEUED') THEN N'a free worker of its pool'
                ELSE N'the next tick' END AS WaitsFor,
           r.Error AS LastError
    FROM eval.EvaluationRun r
    JOIN eval.Tenant t ON t.Id = r.TenantId
    JOIN eval.AgentVersion v ON v.Id = r.VersionId
    WHERE r.Status = 'PENDING' AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
    ORDER BY r.CreatedAt, r.Id;
END TRY
BEGIN CATCH
    IF ERROR_NUMBER() = 1222
    BEGIN
        -- This script no longer holds a lock; the listed sessions do. The session that has been idle longest in an open transaction is the first one.
        DECLARE @Waited nvarchar(2000) = N'Waited 10 seconds for a lock that another session holds. Run it again later. Sessions with locks here: ';
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
