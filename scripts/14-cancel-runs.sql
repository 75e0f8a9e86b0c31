-- Purpose:    Cancels runs that have not ended: one, or those of a tenant.
-- Parameters: @RunId       only this run; NULL: by the other parameters
--             @TenantSlug  runs of this tenant; needed when @RunId is NULL
--             @Status      PENDING or RUNNING; empty: both
--             @OlderThanHours  only runs created longer ago than this; 0: any
--             @Reason      for the audit record
--             @Top         most runs cancelled in one go: few enough that row locks do not become a table lock
--             @Apply       1 changes; 0 shows
-- Changes:    eval.EvaluationRun to CANCELLED; eval.AgentVersion.EvalStatus back to what it was before the run; one audit record RUN_CANCELLED per run.
--             A worker stops within two seconds and stores nothing more.
-- Undo:       15-enqueue-run.sql starts a new run of the version
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @RunId bigint = NULL;
DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @Status varchar(20) = '';
DECLARE @OlderThanHours int = 0;
DECLARE @Reason nvarchar(200) = N'asked for by an administrator';
DECLARE @Top int = 1000;
DECLARE @Apply bit = 0;

DECLARE @TenantId bigint = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, VersionId bigint NOT NULL, Attempt int NOT NULL, Owner nvarchar(200) NULL,
                       PreviousEvalStatus varchar(20) NOT NULL, Status varchar(20) NOT NULL);

IF @RunId IS NULL AND @TenantSlug = N''
    THROW 50001, N'Give @RunId or @TenantSlug: this script does not cancel every run of every tenant.', 1;
IF @TenantSlug <> N'' AND @TenantId IS NULL
    THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;

BEGIN TRY
    BEGIN TRANSACTION;

    -- Compiled for the values given: one run is sought by its id, and no other is locked.
    INSERT INTO @Chosen (RunId, TenantId, VersionId, Attempt, Owner, PreviousEvalStatus, Status)
    SELECT TOP (@Top) r.Id, r.TenantId, r.VersionId, r.Attempt, r.LeaseOwner, r.PreviousEvalStatus, r.Status
    FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
    WHERE r.Status IN ('PENDING', 'RUNNING')
      AND (@RunId IS NULL OR r.Id = @RunId)
      AND (@TenantId IS NULL OR r.TenantId = @TenantId)
      AND (@Status = '' OR r.Status = @Status)
      AND (@OlderThanHours = 0 OR r.CreatedAt < DATEADD(hour, -@OlderThanHours, SYSUTCDATETIME()))
    ORDER BY r.Id
    OPTION (RECOMPILE);

    IF @Apply = 1
    BEGIN
        UPDATE eval.EvaluationRun
        SET Status = 'CANCELLED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = SYSUTCDATETIME()
        WHERE Id IN (SELECT c.RunId FROM @Chosen c) AND Status IN ('PENDING', 'RUNNING');

        UPDATE eval.AgentVersion
        SET EvalStatus = (SELECT c.PreviousEvalStatus FROM @Chosen c WHERE c.VersionId = AgentVersion.Id)
        WHERE Id IN (SELECT c.VersionId FROM @Chosen c);

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_CANCELLED', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"reason":"', STRING_ESCAPE(@Reason, 'json'), N'","evalStatus":"', c.PreviousEvalStatus, N'"}')
        FROM @Chosen c;
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;

SELECT c.RunId, c.TenantId, c.VersionId, c.Status AS StatusBefore, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c
ORDER BY c.RunId;

IF (SELECT COUNT(*) FROM @Chosen c) = @Top
    SELECT N'As many as @Top: more may be left. Run it again.' AS Remark;
