-- Purpose:    Shows the results of suites: runs, pass rate and scores of each revision, and the cases of the current revision that fail most often.
--             Archived runs are included. Rates, scores and cases are those of COMPLETED runs that are not void, as on the dashboard: FAILED and void runs
--             are no evidence about the agent. The cost is that of all runs.
-- Parameters: @TenantSlug  only this tenant; empty: all
--             @SinceDays   only runs that ended within so many days
--             @Top         cases at most
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @SinceDays int = 30;
DECLARE @Top int = 50;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @TenantSlug <> N'' AND NOT EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Slug = @TenantSlug)
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @SinceDays IS NULL OR @SinceDays NOT BETWEEN 1 AND 36500
        THROW 50014, N'@SinceDays must be from 1 to 36500.', 1;
    IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 100000
        THROW 50022, N'@Top must be from 1 to 100000.', 1;

    SELECT t.Slug, s.Name, r.SuiteRevision, s.Revision AS CurrentRevision, MAX(r.CaseCount) AS CaseCount,
           COUNT(*) AS RunCount,
           SUM(CASE WHEN r.Status = 'COMPLETED' THEN 1 ELSE 0 END) AS CompletedCount,
           SUM(CASE WHEN r.Status = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
           SUM(CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL AND r.PassRate >= r.PassThreshold THEN 1 ELSE 0 END) AS PassedCount,
           CAST(SUM(CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL THEN r.PassedCount ELSE 0 END) AS float) / NULLIF(SUM(CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL THEN r.CaseCount ELSE 0 END), 0) AS PassRate,
           MIN(CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL THEN r.PassRate END) AS LowestPassRate, AVG(CASE WHEN r.Status = 'COMPLETED' AND k.RunId IS NULL THEN r.OverallScore END) AS AverageScore, SUM(r.Cost) AS Cost
    FROM (SELECT Id, TenantId, SuiteId, SuiteRevision, Status, CaseCount, PassedCount, PassRate, PassThreshold, OverallScore, Cost, CompletedAt FROM eval.EvaluationRun
          UNION ALL
          SELECT Id, TenantId, SuiteId, SuiteRevision, Status, CaseCount, PassedCount, PassRate, PassThreshold, OverallScore, Cost, CompletedAt FROM eval.EvaluationRunArchive) r
    JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId
    JOIN eval.Tenant t ON t.Id = r.TenantId
    LEFT JOIN eval.RunLook k ON k.RunId = r.Id AND k.VoidedAt IS NOT NULL
    WHERE r.CompletedAt >= DATEADD(day, -@SinceDays, CAST(SYSUTCDATETIME() AS datetime2(3))) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
    GROUP BY t.Slug, s.Name, r.SuiteRevision, s.Revision
    ORDER BY t.Slug, s.Name, r.SuiteRevision DESC;

    SELECT TOP (@Top) t.Slug, s.Name AS SuiteName, c.CaseKey, COUNT(*) AS AskedCount,
           SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END) AS PassedCount,
           SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
           SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END) AS ErroredCount,
           SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END) AS UnscoredCount,
           AVG(x.Score) AS AverageScore, AVG(x.DurationMs) AS AverageDurationMs
    FROM (SELECT Id, Status, CompletedAt FROM eval.EvaluationRun
          UNION ALL
          SELECT Id, Status, CompletedAt FROM eval.EvaluationRunArchive) r
    JOIN (SELECT RunId, TestCaseId, Verdict, Score, DurationMs FROM eval.TestCaseResult
          UNION ALL
          SELECT RunId, TestCaseId, Verdict, Score, DurationMs FROM eval.TestCaseResultArchive) x ON x.RunId = r.Id
    JOIN eval.TestCase c ON c.Id = x.TestCaseId
    JOIN eval.EvaluationSuite s ON s.Id = c.SuiteId AND s.Revision = c.Revision
    JOIN eval.Tenant t ON t.Id = s.TenantId
    WHERE r.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM eval.RunLook k WHERE k.RunId = r.Id AND k.VoidedAt IS NOT NULL) AND r.CompletedAt >= DATEADD(day, -@SinceDays, CAST(SYSUTCDATETIME() AS datetime2(3))) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
    GROUP BY t.Slug, s.Name, c.CaseKey
    ORDER BY FailedCount DESC, ErroredCount DESC, t.Slug, s.Name, c.CaseKey;
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
