-- Purpose:    Deletes archived runs permanently.
-- Parameters: @OlderThanDays  only runs that ended longer ago than this; at least 1
--             @TenantSlug     only this tenant; empty: all
--             @Rows           rows (runs and their results) per transaction, 1 to 2000: so few that SQL Server does not lock the whole table.
--                             The results of a larger run are deleted in several transactions, the run itself in the last of them
--             @MaxBatches     transactions at most; run it again for more
--             @Apply          1 changes; 0 only shows
-- Changes:    rows of eval.EvaluationRunArchive and eval.TestCaseResultArchive. One audit record RUNS_PURGED per transaction.
-- Undo:       only by restoring a backup
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @OlderThanDays int = 730;
DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Rows int = 1000;
DECLARE @MaxBatches int = 100;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint;
DECLARE @Batch int = 0, @InBatch int = 1, @Runs int = 0, @Results int = 0, @Purged int = 0, @PurgedResults int = 0, @Waiting int;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY);
DECLARE @Result TABLE (RunId bigint NOT NULL, TestCaseId bigint NOT NULL, PRIMARY KEY (RunId, TestCaseId));

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @TenantSlug <> N'' AND @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @OlderThanDays IS NULL OR @OlderThanDays NOT BETWEEN 1 AND 36500
        THROW 50014, N'@OlderThanDays must be from 1 to 36500.', 1;
    IF @Rows IS NULL OR @Rows NOT BETWEEN 1 AND 2000
        THROW 50019, N'@Rows must be from 1 to 2000.', 1;
    IF @MaxBatches IS NULL OR @MaxBatches < 1
        THROW 50024, N'@MaxBatches must be at least 1.', 1;

    SET @Waiting = (SELECT COUNT(*) FROM eval.EvaluationRunArchive a
                    WHERE a.CompletedAt < DATEADD(day, -@OlderThanDays, CAST(SYSUTCDATETIME() AS datetime2(3))) AND (@TenantId IS NULL OR a.TenantId = @TenantId));

    WHILE @Apply = 1 AND @InBatch > 0 AND @Batch < @MaxBatches
    BEGIN
        BEGIN TRANSACTION;

        -- The oldest runs whose rows fit; the first one alone when it does not fit. A run has at most CaseCount results, so they need not be counted.
        -- Compiled for the given values: the runs of one tenant, or of all.
        DELETE FROM @Chosen;
        INSERT INTO @Chosen (RunId)
        SELECT s.RunId
        FROM (SELECT d.RunId, d.CaseCount, SUM(CAST(1 + d.CaseCount AS bigint)) OVER (ORDER BY d.CompletedAt, d.RunId ROWS UNBOUNDED PRECEDING) AS RowsSoFar
              FROM (SELECT TOP (@Rows) a.Id AS RunId, a.CompletedAt, a.CaseCount
                    FROM eval.EvaluationRunArchive a WITH (UPDLOCK, ROWLOCK)
                    WHERE a.CompletedAt < DATEADD(day, -@OlderThanDays, CAST(SYSUTCDATETIME() AS datetime2(3))) AND (@TenantId IS NULL OR a.TenantId = @TenantId)
                    ORDER BY a.CompletedAt, a.Id) d) s
        WHERE s.RowsSoFar <= @Rows OR s.RowsSoFar = 1 + s.CaseCount
        OPTION (RECOMPILE);
        SET @InBatch = @@ROWCOUNT;

        DELETE FROM @Result;
        INSERT INTO @Result (RunId, TestCaseId)
        SELECT TOP (@Rows) x.RunId, x.TestCaseId
        FROM eval.TestCaseResultArchive x WITH (UPDLOCK, ROWLOCK)
        WHERE x.RunId IN (SELECT c.RunId FROM @Chosen c)
        ORDER BY x.RunId, x.TestCaseId;
        SET @Results = @@ROWCOUNT;

        DELETE FROM eval.TestCaseResultArchive
        WHERE EXISTS (SELECT 1 FROM @Result m WHERE m.RunId = TestCaseResultArchive.RunId AND m.TestCaseId = TestCaseResultArchive.TestCaseId);
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results chosen and deleted disagree; nothing was changed by this transaction.', 1;

        -- Fewer results than the limit were deleted, so none is left, and the runs are deleted next.
        SET @Runs = 0;
        IF @Results < @Rows
        BEGIN
            DELETE FROM eval.EvaluationRunArchive WHERE Id IN (SELECT c.RunId FROM @Chosen c);
            SET @Runs = @@ROWCOUNT;
        END;

        IF @InBatch > 0
            INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
            SELECT NULL, N'RUNS_PURGED', N'EvaluationRun', MIN(c.RunId), CONCAT(N'sql:', SUSER_SNAME()),
                   CONCAT(N'{"runs":', @Runs, N',"results":', @Results, N',"firstRunId":', MIN(c.RunId), N',"lastRunId":', MAX(c.RunId), N',"days":', @OlderThanDays, N'}')
            FROM @Chosen c;

        COMMIT TRANSACTION;
        SET @Purged = @Purged + @Runs;
        SET @PurgedResults = @PurgedResults + @Results;
        SET @Batch = @Batch + 1;
    END;
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

SELECT @Waiting AS RunsBefore, @Purged AS RunsPurged, @PurgedResults AS ResultsPurged,
       CASE WHEN @Apply = 0 THEN N'would be done: set @Apply = 1' WHEN @Purged < @Waiting THEN N'done in part: run it again for the rest' ELSE N'done' END AS Outcome;
