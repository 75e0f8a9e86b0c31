-- Purpose:    Shows the outcomes of every tenant's runs in the last 24 hours and 7 days, archived runs included.
--             Rates, cases and durations are those of COMPLETED runs that are not void, as on the dashboard: FAILED and void runs are no evidence about
--             the agent. Tokens and cost are those of all runs.
-- Parameters: @TenantSlug  only this tenant; empty: all
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @TenantSlug <> N'' AND NOT EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Slug = @TenantSlug)
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;

    SELECT t.Slug, w.Days AS LastDays,
           SUM(CASE WHEN r.Status = 'COMPLETED' THEN 1 ELSE 0 END) AS CompletedCount,
           SUM(CASE WHEN r.IsEvidence = 1 AND r.PassRate >= r.PassThreshold THEN 1 ELSE 0 END) AS PassedCount,
           SUM(CASE WHEN r.Status = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
           SUM(CASE WHEN r.Status = 'CANCELLED' THEN 1 ELSE 0 END) AS CancelledCount,
           CAST(SUM(CASE WHEN r.IsEvidence = 1 THEN r.PassedCount ELSE 0 END) AS float) / NULLIF(SUM(CASE WHEN r.IsEvidence = 1 THEN r.CaseCount ELSE 0 END), 0) AS PassRate,
           AVG(CASE WHEN r.IsEvidence = 1 THEN CAST(DATEDIFF_BIG(millisecond, r.StartedAt, r.CompletedAt) AS float) / 1000 END) AS AverageSeconds,
           MAX(CASE WHEN r.IsEvidence = 1 THEN CAST(DATEDIFF_BIG(millisecond, r.StartedAt, r.CompletedAt) AS float) / 1000 END) AS LongestSeconds,
           AVG(CAST(DATEDIFF_BIG(millisecond, r.CreatedAt, r.StartedAt) AS float) / 1000) AS AverageWaitSeconds,
           SUM(CASE WHEN r.IsEvidence = 1 THEN r.CaseCount ELSE 0 END) AS CaseCount, SUM(r.InputTokens) AS InputTokens, SUM(r.OutputTokens) AS OutputTokens, SUM(r.Cost) AS Cost
    FROM eval.Tenant t
    CROSS JOIN (SELECT 1 AS Days UNION ALL SELECT 7) w
    LEFT JOIN (SELECT r.TenantId, r.Status, r.PassRate, r.PassThreshold, r.CreatedAt, r.StartedAt, r.CompletedAt, r.PassedCount, r.CaseCount, r.InputTokens, r.OutputTokens, r.Cost,
                      CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL THEN 1 ELSE 0 END AS IsEvidence
               FROM eval.EvaluationRun r
               LEFT JOIN eval.RunLook k ON k.RunId = r.Id AND k.VoidedAt IS NOT NULL
               WHERE r.CompletedAt >= DATEADD(day, -7, CAST(SYSUTCDATETIME() AS datetime2(3)))
               UNION ALL
               SELECT r.TenantId, r.Status, r.PassRate, r.PassThreshold, r.CreatedAt, r.StartedAt, r.CompletedAt, r.PassedCount, r.CaseCount, r.InputTokens, r.OutputTokens, r.Cost,
                      CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL THEN 1 ELSE 0 END AS IsEvidence
               FROM eval.EvaluationRunArchive r
               LEFT JOIN eval.RunLook k ON k.RunId = r.Id AND k.VoidedAt IS NOT NULL
               WHERE r.CompletedAt >= DATEADD(day, -7, CAST(SYSUTCDATETIME() AS datetime2(3)))) r
           ON r.TenantId = t.Id AND r.CompletedAt >= DATEADD(day, -w.Days, CAST(SYSUTCDATETIME() AS datetime2(3)))
    WHERE @TenantSlug = N'' OR t.Slug = @TenantSlug
    GROUP BY t.Slug, w.Days
    ORDER BY t.Slug, w.Days;
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
