-- Purpose:    Brings archived runs back: one, or those of a tenant that ended lately.
-- Parameters: @RunId         only this run, also one of which some results are still there; NULL: by the other parameters
--             @TenantSlug    runs of this tenant; needed when @RunId is NULL
--             @EndedWithinDays  only runs that ended within so many days
--             @Top           most runs moved in one go
--             @Apply         1 changes; 0 shows
-- Changes:    rows from the archive tables back to eval.EvaluationRun and eval.TestCaseResult, same ids; one audit record RUN_RESTORED per run. A restored run stays
--             for another Retention:Days, then is archived again. SET IDENTITY_INSERT needs the right to alter eval.EvaluationRun.
-- Undo:       30-archive-now.sql
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;

DECLARE @RunId bigint = NULL;
DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @EndedWithinDays int = 36500;
DECLARE @Top int = 200;
DECLARE @Apply bit = 0;

DECLARE @Runs int = 0, @Results int = 0, @Copied int = 0;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, CompletedAt datetime2(3) NULL, IsArchived int NOT NULL);

IF @RunId IS NULL AND @TenantSlug = N''
    THROW 50001, N'Give @RunId or @TenantSlug.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    INSERT INTO @Chosen (RunId, TenantId, CompletedAt, IsArchived)
    SELECT TOP (@Top) a.Id, a.TenantId, a.CompletedAt, 1
    FROM eval.EvaluationRunArchive a WITH (UPDLOCK, ROWLOCK)
    JOIN eval.Tenant t ON t.Id = a.TenantId
    WHERE (@RunId IS NULL OR a.Id = @RunId)
      AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
      AND a.CompletedAt >= DATEADD(day, -@EndedWithinDays, SYSUTCDATETIME())
    ORDER BY a.CompletedAt DESC, a.Id DESC;

    -- A large run moves in several steps; one that was stopped in between is among the live ones, some of its results are not.
    INSERT INTO @Chosen (RunId, TenantId, CompletedAt, IsArchived)
    SELECT r.Id, r.TenantId, r.CompletedAt, 0
    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
    JOIN eval.Tenant t ON t.Id = r.TenantId
    WHERE r.Id = @RunId
      AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
      AND EXISTS (SELECT 1 FROM eval.TestCaseResultArchive x WHERE x.RunId = r.Id)
      AND NOT EXISTS (SELECT 1 FROM @Chosen c WHERE c.RunId = r.Id);

    SET @Runs = (SELECT COUNT(*) FROM @Chosen c WHERE c.IsArchived = 1);
    SET @Results = (SELECT COUNT(*) FROM eval.TestCaseResultArchive x WHERE x.RunId IN (SELECT c.RunId FROM @Chosen c));

    IF @Apply = 1 AND EXISTS (SELECT 1 FROM @Chosen c)
    BEGIN
        SET IDENTITY_INSERT eval.EvaluationRun ON;
        INSERT INTO eval.EvaluationRun
              (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
               TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
               UnscoredCount, InputTokens, OutputTokens, Cost, Error, RestoredAt)
        SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
               TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
               UnscoredCount, InputTokens, OutputTokens, Cost, Error, SYSUTCDATETIME()
        FROM eval.EvaluationRunArchive
        WHERE Id IN (SELECT c.RunId FROM @Chosen c WHERE c.IsArchived = 1);
        SET @Copied = @@ROWCOUNT;
        SET IDENTITY_INSERT eval.EvaluationRun OFF;
        IF @Copied <> @Runs
            THROW 50013, N'The counts of runs chosen and copied disagree; nothing was changed.', 1;

        UPDATE eval.EvaluationRun
        SET RestoredAt = SYSUTCDATETIME()
        WHERE Id IN (SELECT c.RunId FROM @Chosen c WHERE c.IsArchived = 0);

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_RESTORED', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"runs":', c.IsArchived, N',"results":', (SELECT COUNT(*) FROM eval.TestCaseResultArchive x WHERE x.RunId = c.RunId), N'}')
        FROM @Chosen c;

        INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
        SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
        FROM eval.TestCaseResultArchive
        WHERE RunId IN (SELECT c.RunId FROM @Chosen c);
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results chosen and copied disagree; nothing was changed.', 1;

        DELETE FROM eval.TestCaseResultArchive WHERE RunId IN (SELECT c.RunId FROM @Chosen c);
        IF @@ROWCOUNT <> @Results
            THROW 50013, N'The counts of results copied and deleted disagree; nothing was changed.', 1;
        DELETE FROM eval.EvaluationRunArchive WHERE Id IN (SELECT c.RunId FROM @Chosen c);
        IF @@ROWCOUNT <> @Runs
            THROW 50013, N'The counts of runs copied and deleted disagree; nothing was changed.', 1;
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    -- A rollback leaves it on, and a session has it for one table only.
    SET IDENTITY_INSERT eval.EvaluationRun OFF;
    THROW;
END CATCH;

SELECT COUNT(*) AS Runs, @Results AS Results, MIN(c.CompletedAt) AS FirstEnded, MAX(c.CompletedAt) AS LastEnded, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c;
