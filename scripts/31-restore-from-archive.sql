-- Purpose:    Brings archived runs back: one, or those of a tenant that ended lately.
-- Parameters: @RunId         only this run; NULL: by the other parameters
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

DECLARE @Results int = 0;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, CompletedAt datetime2(3) NULL);

IF @RunId IS NULL AND @TenantSlug = N''
    THROW 50001, N'Give @RunId or @TenantSlug.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    INSERT INTO @Chosen (RunId, TenantId, CompletedAt)
    SELECT TOP (@Top) a.Id, a.TenantId, a.CompletedAt
    FROM eval.EvaluationRunArchive a WITH (UPDLOCK, ROWLOCK)
    JOIN eval.Tenant t ON t.Id = a.TenantId
    WHERE (@RunId IS NULL OR a.Id = @RunId)
      AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
      AND a.CompletedAt >= DATEADD(day, -@EndedWithinDays, SYSUTCDATETIME())
    ORDER BY a.CompletedAt DESC, a.Id DESC;

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
        WHERE Id IN (SELECT c.RunId FROM @Chosen c);
        SET IDENTITY_INSERT eval.EvaluationRun OFF;

        INSERT INTO eval.TestCaseResult (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
        SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
        FROM eval.TestCaseResultArchive
        WHERE RunId IN (SELECT c.RunId FROM @Chosen c);

        DELETE FROM eval.TestCaseResultArchive WHERE RunId IN (SELECT c.RunId FROM @Chosen c);
        DELETE FROM eval.EvaluationRunArchive WHERE Id IN (SELECT c.RunId FROM @Chosen c);

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_RESTORED', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"runs":1,"results":', (SELECT COUNT(*) FROM eval.TestCaseResult x WHERE x.RunId = c.RunId), N'}')
        FROM @Chosen c;
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT COUNT(*) AS Runs, @Results AS Results, MIN(c.CompletedAt) AS FirstEnded, MAX(c.CompletedAt) AS LastEnded, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c;
