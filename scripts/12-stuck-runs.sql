-- Purpose:    Shows running runs whose worker has ended, and runs that have been running for a long time. The tick requeues runs with an expired lease
--             by itself: look at runs that stay in this list.
-- Parameters: @OlderThanMinutes  also shows runs that started longer ago than this, even if their lease is renewed
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @OlderThanMinutes int = 60;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    IF @OlderThanMinutes IS NULL OR @OlderThanMinutes NOT BETWEEN 0 AND 525600
        THROW 50023, N'@OlderThanMinutes must be from 0 to 525600 minutes.', 1;

    SELECT r.Id AS RunId, t.Slug, v.AgentName, v.VersionLabel, r.Attempt, r.LeaseOwner, r.LeaseUntil, r.StartedAt,
           DATEDIFF_BIG(second, r.LeaseUntil, SYSUTCDATETIME()) AS SecondsSinceLeaseEnded,
           (SELECT COUNT(*) FROM eval.TestCaseResult x WHERE x.RunId = r.Id) AS AnsweredCases, r.CaseCount,
           CASE WHEN r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3)) THEN N'lease expired: the next tick requeues it' ELSE N'its worker renews the lease' END AS Finding
    FROM eval.EvaluationRun r
    JOIN eval.Tenant t ON t.Id = r.TenantId
    JOIN eval.AgentVersion v ON v.Id = r.VersionId
    WHERE r.Status = 'RUNNING'
      AND (r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3)) OR r.StartedAt < DATEADD(minute, -@OlderThanMinutes, CAST(SYSUTCDATETIME() AS datetime2(3))))
    ORDER BY r.LeaseUntil, r.Id;
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
