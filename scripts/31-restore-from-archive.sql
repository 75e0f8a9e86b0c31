-- Purpose:    Restores archived runs: one, or those of a tenant that ended recently.
-- Parameters: @RunId         only this run, also if only some of its results are in the archive; NULL: by the other parameters
--             @TenantSlug    runs of this tenant; required when @RunId is NULL
--             @EndedWithinDays  only runs that ended within so many days
--             @Rows          rows (runs and their results) per transaction, 1 to 2000: so few that SQL Server does not lock the whole table.
--                            Of a larger run, the run itself moves first, then its results in several transactions
--             @MaxBatches    transactions at most; run it again for more
--             @Apply         1 changes; 0 only shows
-- Changes:    rows from the archive tables to eval.EvaluationRun and eval.TestCaseResult, with the same ids. One audit record RUN_RESTORED per run and
--             transaction. A restored run stays for another Retention:Days, then is archived again. If it is stopped between two transactions, every row is
--             in one place; a run without all of its results is completed with @RunId. SET IDENTITY_INSERT needs the right to alter eval.EvaluationRun.
-- Undo:       30-archive-now.sql
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @RunId bigint = NULL;
DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @EndedWithinDays int = 36500;
DECLARE @Rows int = 1000;
DECLARE @MaxBatches int = 100;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @TenantId bigint;
-- A run that may be restored already while some of its results are not: first the requested run, later the last restored one.
DECLARE @Unfinished bigint = @RunId;
DECLARE @Batch int = 0, @InBatch int = 1, @Runs int = 0, @Results int = 0, @Restored int = 0, @RestoredResults int = 0, @Waiting int, @Left int, @Locked int;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, IsArchived int NOT NULL);
DECLARE @Result TABLE (RunId bigint NOT NULL, TestCaseId bigint NOT NULL, PRIMARY KEY (RunId, TestCaseId));

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @RunId IS NULL AND @TenantSlug = N''
        THROW 50001, N'Give @RunId or @TenantSlug.', 1;
    IF @TenantSlug <> N'' AND @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @EndedWithinDays IS NULL OR @EndedWithinDays NOT BETWEEN 1 AND 36500
        THROW 50014, N'@EndedWithinDays must be from 1 to 36500.', 1;
    IF @Rows IS NULL OR @Rows NOT BETWEEN 1 AND 2000
        THROW 50019, N'@Rows must be from 1 to 2000.', 1;
    IF @MaxBatches IS NULL OR @MaxBatches < 1
        THROW 50024, N'@MaxBatches must be at least 1.', 1;
    IF @RunId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM eval.EvaluationRunArchive a WHERE a.Id = @RunId) AND NOT EXISTS (SELECT 1 FROM eval.TestCaseResultArchive x WHERE x.RunId = @RunId)
        THROW 50016, N'Run @RunId is not in the archive.', 1;

    SET @Waiting = (SELECT COUNT(*) FROM eval.EvaluationRunArchive a
                    WHERE (@RunId IS NULL OR a.Id = @RunId)
                      AND (@TenantId IS NULL OR a.TenantId = @TenantId)
                      AND a.CompletedAt >= DATEADD(day, -@EndedWithinDays, CAST(SYSUTCDATETIME() AS datetime2(3))));

    WHILE @Apply = 1 AND @InBatch > 0 AND @Batch < @MaxBatches
    BEGIN
        BEGIN TRANSACTION;

        DELETE FROM @Chosen;
        INSERT INTO @Chosen (RunId, TenantId, IsArchived)
        SELECT r.Id, r.TenantId, 0
        FROM eval.EvaluationRun r
        WHERE r.Id = @Unfinished
          AND r.TenantId = COALESCE(@TenantId, r.TenantId)
          AND EXISTS (SELECT 1 FROM eval.TestCaseResultArchive x WHERE x.RunId = r.Id);

        -- The latest runs whose rows fit; the first one alone when it does not fit. A run has at most CaseCount results, so they need not be counted.
        -- Compiled for the given values: a run is sought by its id.
        IF NOT EXISTS (SELECT 1 FROM @Chosen c)
            INSERT INTO @Chosen (RunId, TenantId, IsArchived)
            SELECT s.RunId, s.TenantId, 1
            FROM (SELECT d.RunId, d.TenantId, d.CaseCount, SUM(CAST(1 + d.CaseCount AS bigint)) OVER (ORDER BY d.CompletedAt DESC, d.RunId DESC ROWS UNBOUNDED PRECEDING) AS RowsSoFar
                  FROM (SELECT TOP (@Rows) a.Id AS RunId, a.TenantId, a.CompletedAt, a.CaseCount
                        FROM eval.EvaluationRunArchive a
                        WHERE (@RunId IS NULL OR a.Id = @RunId)
                          AND (@TenantId IS NULL OR a.TenantId = @TenantId)
                          AND a.CompletedAt >= DATEADD(day, -@EndedWithinDays, CAST(SYSUTCDATETIME() AS datetime2(3)))
                        ORDER BY a.CompletedAt DESC, a.Id DESC) d) s
            WHERE s.RowsSoFar <= @Rows OR s.RowsSoFar = 1 + s.CaseCount
            OPTION (RECOMPILE);

        -- The versions are locked before the runs (docs/develop/lock-order.md). Runs that another session has moved are left out.
        SELECT @Locked = COUNT(*)
        FROM eval.AgentVersion v WITH (UPDLOCK, ROWLOCK)
        WHERE v.Id IN (SELECT r.VersionId FROM eval.EvaluationRun r JOIN @Chosen c ON c.RunId = r.Id)
           OR v.Id IN (SELECT a.VersionId FROM eval.EvaluationRunArchive a JOIN @Chosen d ON d.RunId = a.Id);
        DELETE FROM @Chosen
        WHERE IsArchived = 0
          AND RunId NOT IN (SELECT r.Id FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK) WHERE r.Id IN (SELECT c.RunId FROM @Chosen c));
        DELETE FROM @Chosen
        WHERE IsArchived = 1
          AND RunId NOT IN (SELECT a.Id FROM eval.EvaluationRunArchive a WITH (UPDLOCK, ROWLOCK) WHERE a.Id IN (SELECT c.RunId FROM @Chosen c));
        SET @InBatch = (SELECT COUNT(*) FROM @Chosen c);
        SET @Runs = (SELECT COUNT(*) FROM @Chosen c WHERE c.IsArchived = 1);
        SET @Unfinished = (SELECT MAX(c.RunId) FROM @Chosen c);

        IF @Runs > 0
        BEGIN
            SET IDENTITY_INSERT eval.EvaluationRun ON;
            INSERT INTO eval.EvaluationRun
                  (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
                   TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
                   UnscoredCount, CutCount, InputTokens, OutputTokens, Cost, Error, FailedAttempts, DeathCount, ContinuesRunId, LastFailedAt, AcknowledgedAt, AcknowledgedBy, RepeatsRunId, RestoredAt)
            SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
                   TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
                   UnscoredCount, CutCount, InputTokens, OutputTokens, Cost, Error, FailedAttempts, DeathCount, ContinuesRunId, LastFailedAt, AcknowledgedAt, AcknowledgedBy, RepeatsRunId, SYSUTCDATETIME()
            FROM eval.EvaluationRunArchive
            WHERE Id IN (SELECT c.RunId FROM @Chosen c);
            IF @@ROWCOUNT <> @Runs
                THROW 50013, N'The counts of runs chosen and copied disagree; nothing was changed by this transaction.', 1;
            SET IDENTITY_INSERT eval.EvaluationRun OFF;
            DELETE FROM eval.EvaluationRunArchive WHERE Id IN (SELECT c.RunId FROM @Chosen c);
            IF @@ROWCOUNT <> @Runs
                THROW 50013, N'The counts of runs copied and deleted disagree; nothing was changed by this transaction.', 1;
        END;

        UPDATE eval.EvaluationRun
        SET RestoredAt = SYSUTCDATETIME()
        WHERE Id IN (SELECT c.RunId FROM @Chosen c WHERE c.IsArchived = 0);

        DELETE FROM @Result;
        INSERT INTO @Result (RunId, TestCaseId)
        SELECT TOP (@Rows) x.RunId, x.TestCaseId
        FROM eval.TestCaseResultArchive x WITH (UPDLOCK, ROWLOCK)
        WHERE x.RunId IN (SELECT c.RunId FROM @Chosen c)
        ORDER BY x.RunId, x.TestCaseId;
        SET @Results = @@ROWCOUNT;

        INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost, IsCut, AskAgain)
        SELECT x.RunId, x.TestCaseId, x.Verdict, x.Score, x.Output, x.Error, x.DurationMs, x.InputTokens, x.OutputTokens, x.Cost, x.IsCut, x.AskAgain
        FROM @Result m
        JOIN eval.TestCaseResultArchive x ON x.RunId = m.RunId AND x.TestCaseId = m.TestCaseId;
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results chosen and copied disagree; nothing was changed by this transaction.', 1;
        DELETE FROM eval.TestCaseResultArchive
        WHERE EXISTS (SELECT 1 FROM @Result m WHERE m.RunId = TestCaseResultArchive.RunId AND m.TestCaseId = TestCaseResultArchive.TestCaseId);
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results copied and deleted disagree; nothing was changed by this transaction.', 1;

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_RESTORED', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"runs":', c.IsArchived, N',"results":', (SELECT COUNT(*) FROM @Result m WHERE m.RunId = c.RunId), N'}')
        FROM @Chosen c;

        COMMIT TRANSACTION;
        SET @Restored = @Restored + @Runs;
        SET @RestoredResults = @RestoredResults + @Results;
        SET @Batch = @Batch + 1;
    END;

    SET @Left = (SELECT COUNT(*) FROM eval.TestCaseResultArchive x JOIN eval.EvaluationRun r ON r.Id = x.RunId WHERE x.RunId = @Unfinished OR x.RunId = @RunId);
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    -- A rollback leaves the option on, and a session can have it on for only one table.
    SET IDENTITY_INSERT eval.EvaluationRun OFF;
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

SELECT @Waiting AS RunsBefore, @Restored AS RunsRestored, @RestoredResults AS ResultsRestored, @Left AS ResultsLeft, COALESCE(@Unfinished, @RunId) AS LastRunId,
       CASE WHEN @Apply = 0 THEN N'would be done: set @Apply = 1'
            WHEN @Left > 0 THEN N'done in part: run it again with @RunId = LastRunId for its other results'
            WHEN @Restored < @Waiting THEN N'done in part: run it again for the rest'
            ELSE N'done' END AS Outcome;
