-- Purpose:    Moves ended runs to the archive now instead of in the nightly cleanup.
-- Parameters: @OlderThanDays  ended, or came back from the archive, longer ago than this
--             @TenantSlug     only this tenant; empty: all
--             @Top            most runs moved in one go; run it again for more. Small, so that row locks do not become a table lock
--             @Apply          1 changes; 0 shows
-- Changes:    rows from eval.EvaluationRun and eval.TestCaseResult to their archive tables, same ids; audit record RUNS_ARCHIVED
-- Undo:       31-restore-from-archive.sql
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;

DECLARE @OlderThanDays int = 90;
DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @Top int = 200;
DECLARE @Apply bit = 0;

DECLARE @Results int = 0, @Copied int = 0, @Deleted int = 0;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, CompletedAt datetime2(3) NOT NULL);

BEGIN TRY
    BEGIN TRANSACTION;

    INSERT INTO @Chosen (RunId, CompletedAt)
    SELECT TOP (@Top) r.Id, r.CompletedAt
    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
    JOIN eval.Tenant t ON t.Id = r.TenantId
    WHERE r.CompletedAt < DATEADD(day, -@OlderThanDays, SYSUTCDATETIME())
      AND (r.RestoredAt IS NULL OR r.RestoredAt <= DATEADD(day, -@OlderThanDays, SYSUTCDATETIME()))
      AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
    ORDER BY r.CompletedAt, r.Id;

    SET @Results = (SELECT COUNT(*) FROM eval.TestCaseResult x WHERE x.RunId IN (SELECT c.RunId FROM @Chosen c));

    IF @Apply = 1 AND EXISTS (SELECT 1 FROM @Chosen c)
    BEGIN
        INSERT INTO eval.EvaluationRunArchive
              (Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
               TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
               UnscoredCount, InputTokens, OutputTokens, Cost, Error)
        SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil, PreviousEvalStatus, [Trigger],
               TenantBatchId, CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount,
               UnscoredCount, InputTokens, OutputTokens, Cost, Error
        FROM eval.EvaluationRun
        WHERE Id IN (SELECT c.RunId FROM @Chosen c);

        INSERT INTO eval.TestCaseResultArchive (RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost)
        SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
        FROM eval.TestCaseResult
        WHERE RunId IN (SELECT c.RunId FROM @Chosen c);
        SET @Copied = @@ROWCOUNT;

        DELETE FROM eval.TestCaseResult WHERE RunId IN (SELECT c.RunId FROM @Chosen c);
        SET @Deleted = @@ROWCOUNT;
        IF @Copied <> @Deleted
            THROW 50013, N'Other results were deleted than copied; nothing was moved.', 1;

        DELETE FROM eval.EvaluationRun WHERE Id IN (SELECT c.RunId FROM @Chosen c);

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT NULL, N'RUNS_ARCHIVED', N'EvaluationRun', MIN(c.RunId), CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"runs":', COUNT(*), N',"results":', @Copied, N',"firstRunId":', MIN(c.RunId), N',"lastRunId":', MAX(c.RunId), N',"days":', @OlderThanDays, N'}')
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
