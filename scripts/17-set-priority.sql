-- Purpose:    Changes the priority of runs that wait: one, or all of a tenant.
-- Parameters: @RunId       only this run; NULL: by the other parameters
--             @TenantSlug  pending runs of this tenant; needed when @RunId is NULL
--             @Priority    the new priority, -1000 to 1000; higher goes first within the tenant. Tenants take turns whatever their priorities
--             @Top         most runs changed in one go: few enough that row locks do not become a table lock
--             @Apply       1 changes; 0 shows
-- Changes:    eval.EvaluationRun.Priority of PENDING runs; one audit record RUN_PRIORITY_SET per run, with the priority before
-- Undo:       set the priority back: it is in the audit record
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @RunId bigint = NULL;
DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @Priority int = 10;
DECLARE @Top int = 1000;
DECLARE @Apply bit = 0;

DECLARE @TenantId bigint = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, PriorityBefore int NOT NULL);

IF @RunId IS NULL AND @TenantSlug = N''
    THROW 50001, N'Give @RunId or @TenantSlug.', 1;
IF @TenantSlug <> N'' AND @TenantId IS NULL
    THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
IF @Priority NOT BETWEEN -1000 AND 1000
    THROW 50017, N'@Priority must be from -1000 to 1000.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    -- Compiled for the values given: one run is sought by its id, and no other is locked.
    INSERT INTO @Chosen (RunId, TenantId, PriorityBefore)
    SELECT TOP (@Top) r.Id, r.TenantId, r.Priority
    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
    WHERE r.Status = 'PENDING' AND r.Priority <> @Priority
      AND (@RunId IS NULL OR r.Id = @RunId)
      AND (@TenantId IS NULL OR r.TenantId = @TenantId)
    ORDER BY r.Id
    OPTION (RECOMPILE);

    IF @Apply = 1
    BEGIN
        UPDATE eval.EvaluationRun
        SET Priority = @Priority
        WHERE Id IN (SELECT c.RunId FROM @Chosen c) AND Status = 'PENDING';

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_PRIORITY_SET', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"previous":', c.PriorityBefore, N',"priority":', @Priority, N'}')
        FROM @Chosen c;
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT c.RunId, c.TenantId, c.PriorityBefore, @Priority AS PriorityAfter, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c
ORDER BY c.RunId;

IF (SELECT COUNT(*) FROM @Chosen c) = @Top
    SELECT N'As many as @Top: more may be left. Run it again.' AS Remark;
