-- Purpose:    Shows health and backlog of every tenant: pending and running runs, the age of the oldest due run, and the result of the last health check
--             with its reasons.
-- Parameters: none
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    SELECT t.Slug, t.IsPaused, t.WorkerPool,
           (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING') AS PendingCount,
           (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3))) AS DueCount,
           (SELECT DATEDIFF_BIG(second, MIN(r.DueAt), SYSUTCDATETIME())
            FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3))) AS OldestDueSeconds,
           (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'RUNNING') AS RunningCount,
           (SELECT COUNT(*) FROM eval.EvaluationRun r
            WHERE r.TenantId = t.Id AND r.Status = 'RUNNING' AND r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3))) AS ExpiredLeaseCount,
           (SELECT TOP (1) b.QueuedAt FROM eval.TenantBatch b WHERE b.TenantId = t.Id ORDER BY b.Id DESC) AS LastServedAt,
           h.Status AS HealthStatus, h.Since AS HealthSince, h.CheckedAt AS HealthCheckedAt, h.Reasons AS HealthReasons
    FROM eval.Tenant t
    LEFT JOIN eval.TenantHealth h ON h.TenantId = t.Id
    ORDER BY DueCount DESC, t.Slug;

    -- The last ticks. A gap longer than the schedule means that no server was running.
    SELECT TOP (5) d.Id, d.[Trigger], d.StartedAt, d.FinishedAt, d.TenantCount, d.QueuedBatchCount, d.RequeuedCount, d.ExhaustedCount, d.AbandonedBatchCount
    FROM eval.Dispatch d
    ORDER BY d.Id DESC;
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
