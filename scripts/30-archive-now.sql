-- Purpose:    Moves ended runs to the archive now, without waiting for the nightly cleanup.
-- Parameters: @OlderThanDays  only runs that ended, or were restored, longer ago than this
--             @TenantSlug     only this tenant; empty: all
--             @Rows           rows (runs and their results) per transaction, 1 to 2000: so few that SQL Server does not lock the whole table.
--                             The results of a larger run move in several transactions, the run itself in the last of them
--             @MaxBatches     transactions at most; run it again for more
--             @Apply          1 changes; 0 only shows
-- Changes:    rows from eval.EvaluationRun and eval.TestCaseResult to their archive tables, with the same ids. One audit record RUNS_ARCHIVED per transaction.
--             If it is stopped between two transactions, every row is in one place, and the next time continues from there.
-- Undo:       31-restore-from-archive.sql
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @OlderThanDays int = 90;
DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Rows int = 1000;
DECLARE @MaxBatches int = 100;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint;
DECLARE @Batch int = 0, @InBatch int = 1, @Runs int = 0, @Results int = 0, @Moved int = 0, @MovedResults int = 0, @Waiting int;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY);
DECLARE @Result TABLE (RunId bigint NOT NULL, TestCaseId bigint NOT NULL, PRIMARY KEY (RunId, TestCaseId));

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @TenantSlug <> N'' AND @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @OlderThanDays IS NULL OR @OlderThanDays NOT BETWEEN 0 AND 36500
        THROW 50014, N'@OlderThanDays must be from 0 to 36500.', 1;
    IF @Rows IS NULL OR @Rows NOT BETWEEN 1 AND 2000
        THROW 50019, N'@Rows must be from 1 to 2000.', 1;
    IF @MaxBatches IS NULL OR @MaxBatches < 1
        THROW 50024, N'@MaxBatches must be at least 1.', 1;

    SET @Waiting = (SELECT COUNT(*) FROM eval.EvaluationRun r
                    WHERE r.CompletedAt < DATEADD(day, -@OlderThanDays, CAST(SYSUTCDATETIME() AS datetime2(3)))
                      AND (r.RestoredAt IS NULL OR r.RestoredAt <= DATEADD(day, -@OlderThanDays, CAST(SYSUTCDATETIME() AS datetime2(3))))
                      AND (@TenantId IS NULL OR r.TenantId = @TenantId));

    WHILE @Apply = 1 AND @InBatch > 0 AND @Batch < @MaxBatches
    BEGIN
        BEGIN TRANSACTION;

        -- The oldest runs whose rows fit; the first one alone when it does not fit. A run has at most CaseCount results, so they need not be counted.
        -- Compiled for the given values: the runs of one tenant, or of all.
        DELETE FROM @Chosen;
        INSERT INTO @Chosen (RunId)
        SELECT s.RunId
        FROM (SELECT d.RunId, d.CaseCount, SUM(CAST(1 + d.CaseCount AS bigint)) OVER (ORDER BY d.CompletedAt, d.RunId ROWS UNBOUNDED PRECEDING) AS RowsSoFar
              FROM (SELECT TOP (@Rows) r.Id AS RunId, r.CompletedAt, r.CaseCount
                    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
                    WHERE r.CompletedAt < DATEADD(day, -@OlderThanDays, CAST(SYSUTCDATETIME() AS datetime2(3)))
                      AND (r.RestoredAt IS NULL OR r.RestoredAt <= DATEADD(day, -@OlderThanDays, CAST(SYSUTCDATETIME() AS datetime2(3))))
                      AND (@TenantId IS NULL OR r.TenantId = @TenantId)
                    ORDER BY r.CompletedAt, r.Id) d) s
        WHERE s.RowsSoFar <= @Rows OR s.RowsSoFar = 1 + s.CaseCount
        OPTION (RECOMPILE);
        SET @InBatch = @@ROWCOUNT;

        DELETE FROM @Result;
        INSERT INTO @Result (RunId, TestCaseId)
        SELECT TOP (@Rows) x.RunId, x.TestCaseId
        FROM eval.TestCaseResult x WITH (UPDLOCK, ROWLOCK)
        WHERE x.RunId IN (SELECT c.RunId FROM @Chosen c)
        ORDER BY x.RunId, x.TestCaseId;
        SET @Results = @@ROWCOUNT;

        INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost, IsCut, AskAgain)
        SELECT x.RunId, x.TestCaseId, x.Verdict, x.Score, x.Output, x.Error, x.DurationMs, x.InputTokens, x.OutputTokens, x.Cost, x.IsCut, x.AskAgain
        FROM @Result m
        JOIN eval.TestCaseResult x ON x.RunId = m.RunId AND x.TestCaseId = m.TestCaseId;
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results chosen and copied disagree; nothing was changed by this transaction.', 1;
        DELETE FROM eval.TestCaseResult
        WHERE EXISTS (SELECT 1 FROM @Result m WHERE m.RunId = TestCaseResult.RunId AND m.TestCaseId = TestCaseResult.TestCaseId);
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results copied and deleted disagree; nothing was changed by this transaction.', 1;

        -- Fewer results than the limit were moved, so none is left, and the runs are moved next.
        SET @Runs = 0;
        IF @Results < @Rows
        BEGIN
            INSERT INTO eval.EvaluationRunArchive
                  (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
                   TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
                   UnscoredCount, CutCount, InputTokens, OutputTokens, Cost, Error, FailedAttempts, DeathCount, ContinuesRunId, LastFailedAt, AcknowledgedAt, AcknowledgedBy, RepeatsRunId)
            SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
                   TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
                   UnscoredCount, CutCount, InputTokens, OutputTokens, Cost, Error, FailedAttempts, DeathCount, ContinuesRunId, LastFailedAt, AcknowledgedAt, AcknowledgedBy, RepeatsRunId
            FROM eval.EvaluationRun
            WHERE Id IN (SELECT c.RunId FROM @Chosen c);
            SET @Runs = @@ROWCOUNT;
            DELETE FROM eval.EvaluationRun WHERE Id IN (SELECT c.RunId FROM @Chosen c);
            IF @@ROWCOUNT <> @Runs OR @Runs <> @InBatch
                THROW 50013, N'The counts of runs chosen, copied and deleted disagree; nothing was changed by this transaction.', 1;
        END;

        IF @InBatch > 0
            INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
            SELECT NULL, N'RUNS_ARCHIVED', N'EvaluationRun', MIN(c.RunId), CONCAT(N'sql:', SUSER_SNAME()),
                   CONCAT(N'{"runs":', @Runs, N',"results":', @Results, N',"firstRunId":', MIN(c.RunId), N',"lastRunId":', MAX(c.RunId), N',"days":', @OlderThanDays, N'}')
            FROM @Chosen c;

        COMMIT TRANSACTION;
        SET @Moved = @Moved + @Runs;
        SET @MovedResults = @MovedResults + @Results;
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

SELECT @Waiting AS RunsBefore, @Moved AS RunsMoved, @MovedResults AS ResultsMoved,
       CASE WHEN @Apply = 0 THEN N'would be done: set @Apply = 1' WHEN @Moved < @Waiting THEN N'done in part: run it again for the rest' ELSE N'done' END AS Outcome;
