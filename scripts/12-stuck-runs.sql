-- Purpose:    Running runs whose worker is gone or that have run for long. The tick takes expired leases back by itself; look at what stays here.
-- Parameters: @OlderThanMinutes  also runs that started longer ago than this, though their lease is renewed
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @OlderThanMinutes int = 60;

-- No longer than this for a lock: a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    IF @OlderThanMinutes IS NULL OR @OlderThanMinutes NOT BETWEEN 0 AND 525600
        THROW 50023, N'@OlderThanMinutes must be from 0 to 525600 minutes.', 1;

    SELECT r.Id AS RunId, t.Slug, v.AgentName, v.VersionLabel, r.Attempt, r.LeaseOwner, r.LeaseUntil, r.StartedAt,
           DATEDIFF_BIG(second, r.LeaseUntil, SYSUTCDATETIME()) AS SecondsSinceLeaseEnded,
           (SELECT COUNT(*) FROM eval.TestCaseResult x WHERE x.RunId = r.Id) AS AnsweredCases, r.CaseCount,
           CASE WHEN r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3)) THEN N'lease expired: the next tick takes it back' ELSE N'its worker lives' END AS Finding
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
        -- This script holds no lock any more; the sessions listed do. The one that has been idle longest in an open transaction comes first.
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
            SET @Waited = CONCAT(@Waited, N'a login with VIEW SERVER STATE is shown them.');
        THROW 50021, @Waited, 1;
    END;
    THROW;
END CATCH;
