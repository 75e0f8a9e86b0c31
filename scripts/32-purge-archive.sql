-- Purpose:    Deletes archived runs for good.
-- Parameters: @OlderThanDays  ended longer ago than this; at least 1
--             @TenantSlug     only this tenant; empty: all
--             @Top            runs per transaction. Small, so that row locks do not become a table lock
--             @MaxBatches     transactions in one go; run it again for more
--             @Apply          1 changes; 0 shows
-- Changes:    rows of eval.EvaluationRunArchive and eval.TestCaseResultArchive; one audit record RUNS_PURGED per transaction
-- Undo:       only a backup brings them back
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;

DECLARE @OlderThanDays int = 730;
DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @Top int = 200;
DECLARE @MaxBatches int = 50;
DECLARE @Apply bit = 0;

DECLARE @Batch int = 0, @InBatch int = 1, @Results int = 0, @Purged int = 0, @PurgedResults int = 0, @Waiting int;
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY);

IF @OlderThanDays < 1
    THROW 50014, N'@OlderThanDays must be at least 1.', 1;

SET @Waiting = (SELECT COUNT(*) FROM eval.EvaluationRunArchive a JOIN eval.Tenant t ON t.Id = a.TenantId
                WHERE a.CompletedAt < DATEADD(day, -@OlderThanDays, SYSUTCDATETIME()) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug));

BEGIN TRY
    WHILE @Apply = 1 AND @InBatch > 0 AND @Batch < @MaxBatches
    BEGIN
        BEGIN TRANSACTION;

        DELETE FROM @Chosen;
        INSERT INTO @Chosen (RunId)
        SELECT TOP (@Top) a.Id
        FROM eval.EvaluationRunArchive a WITH (UPDLOCK, ROWLOCK)
        JOIN eval.Tenant t ON t.Id = a.TenantId
        WHERE a.CompletedAt < DATEADD(day, -@OlderThanDays, SYSUTCDATETIME()) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
        ORDER BY a.CompletedAt, a.Id;
        SET @InBatch = @@ROWCOUNT;

        DELETE FROM eval.TestCaseResultArchive WHERE RunId IN (SELECT c.RunId FROM @Chosen c);
        SET @Results = @@ROWCOUNT;
        DELETE FROM eval.EvaluationRunArchive WHERE Id IN (SELECT c.RunId FROM @Chosen c);

        IF @InBatch > 0
            INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
            SELECT NULL, N'RUNS_PURGED', N'EvaluationRun', MIN(c.RunId), CONCAT(N'sql:', SUSER_SNAME()),
                   CONCAT(N'{"runs":', COUNT(*), N',"results":', @Results, N',"firstRunId":', MIN(c.RunId), N',"lastRunId":', MAX(c.RunId), N',"days":', @OlderThanDays, N'}')
            FROM @Chosen c;

        COMMIT TRANSACTION;
        SET @Purged = @Purged + @InBatch;
        SET @PurgedResults = @PurgedResults + @Results;
        SET @Batch = @Batch + 1;
    END;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT @Waiting AS RunsBefore, @Purged AS RunsPurged, @PurgedResults AS ResultsPurged, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
