-- Purpose:    Requeues runs whose lease expired, without waiting for the tick. Or requeues one run whose worker hangs.
-- Parameters: @RunId             only this run, even while its worker renews the lease; NULL: all whose lease expired
--             @GraceSeconds      only leases that expired longer ago than this
--             @IncludeAlone      1: also runs that were worked alone when their lease expired, which the tick fails as poison
--             @Top               runs at most: so few that SQL Server does not lock the whole table
--             @Apply             1 changes; 0 only shows
-- Changes:    eval.EvaluationRun to PENDING, due now. No attempt counts as failed, and finished cases stay, as when the tick requeues a run. A worker that
--             still works the run has lost the lease and stores nothing more. One audit record RUN_REQUEUED per run.
-- Undo:       not needed: the run is claimed again; 14-cancel-runs.sql ends it
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @RunId bigint = NULL;
DECLARE @GraceSeconds int = 0;
DECLARE @IncludeAlone bit = 0;
DECLARE @Top int = 1000;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, VersionId bigint NOT NULL, Attempt int NOT NULL, Owner nvarchar(200) NULL,
                       PreviousEvalStatus varchar(20) NOT NULL, Status varchar(20) NOT NULL);

IF @GraceSeconds IS NULL OR @GraceSeconds NOT BETWEEN 0 AND 31536000
    THROW 50023, N'@GraceSeconds must be from 0 to 31536000 seconds.', 1;
IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 2000
    THROW 50022, N'@Top must be from 1 to 2000.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    -- Compiled for the given values: a run is sought by its id, and no other run is locked.
    INSERT INTO @Chosen (RunId, TenantId, VersionId, Attempt, Owner, PreviousEvalStatus, Status)
    SELECT TOP (@Top) r.Id, r.TenantId, r.VersionId, r.Attempt, r.LeaseOwner, r.PreviousEvalStatus, r.Status
    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
    WHERE r.Status = 'RUNNING'
      AND (r.Id = @RunId OR (@RunId IS NULL AND r.LeaseUntil < DATEADD(second, -@GraceSeconds, CAST(SYSUTCDATETIME() AS datetime2(3)))))
      AND (@IncludeAlone = 1 OR r.IsAlone = 0)
    ORDER BY r.LeaseUntil, r.Id
    OPTION (RECOMPILE);
    IF @RunId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM @Chosen c)
        THROW 50016, N'Run @RunId cannot be requeued: it does not exist, is not RUNNING, or was worked alone (@IncludeAlone = 1).', 1;

    IF @Apply = 1
    BEGIN
        UPDATE eval.EvaluationRun
        SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DeathCount = 0, DueAt = SYSUTCDATETIME(),
            Error = CONCAT(N'Attempt ', Attempt, N' was taken back from its worker (', LeaseOwner, N') by an administrator.')
        WHERE Id IN (SELECT c.RunId FROM @Chosen c) AND Status = 'RUNNING';

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_REQUEUED', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"attempt":', c.Attempt, N',"owner":"', STRING_ESCAPE(c.Owner, 'json'), N'"}')
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

SELECT c.RunId, c.TenantId, c.Attempt, c.Owner, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c
ORDER BY c.RunId;

IF (SELECT COUNT(*) FROM @Chosen c) = @Top
    SELECT N'The limit @Top was reached: more may be left. Run it again.' AS Remark;
