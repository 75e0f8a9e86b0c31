-- Purpose:    Pauses a tenant, so that its pending runs wait, or lets it go on.
-- Parameters: @TenantSlug  the tenant
--             @Pause       1 pauses, 0 resumes
--             @Apply       1 changes; 0 shows
-- Changes:    eval.Tenant.IsPaused; audit record TENANT_PAUSED or TENANT_RESUMED. Runs under way are finished; no other is claimed.
-- Undo:       run it again with the other @Pause
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @Pause bit = 1;
DECLARE @Apply bit = 0;

DECLARE @TenantId bigint, @WasPaused bit;

BEGIN TRY
    BEGIN TRANSACTION;

    SELECT @TenantId = t.Id, @WasPaused = t.IsPaused
    FROM eval.Tenant t WITH (UPDLOCK, ROWLOCK)
    WHERE t.Slug = @TenantSlug;
    IF @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;

    IF @Apply = 1 AND @WasPaused <> @Pause
    BEGIN
        UPDATE eval.Tenant
        SET IsPaused = @Pause
        WHERE Id = @TenantId;

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        VALUES (@TenantId, CASE WHEN @Pause = 1 THEN N'TENANT_PAUSED' ELSE N'TENANT_RESUMED' END, N'Tenant', @TenantId, CONCAT(N'sql:', SUSER_SNAME()),
                CASE WHEN @Pause = 1 THEN N'{"isPaused":true}' ELSE N'{"isPaused":false}' END);
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT @TenantId AS TenantId, @WasPaused AS WasPaused, @Pause AS Pause,
       CASE WHEN @WasPaused = @Pause THEN N'is so already' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome;
