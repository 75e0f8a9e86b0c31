-- Purpose:    The pending runs that have waited longest, and what they wait for.
-- Parameters: @TenantSlug  only this tenant; empty: all
--             @Top         how many
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Top int = 50;

IF @TenantSlug IS NULL
    THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
IF @TenantSlug <> N'' AND NOT EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Slug = @TenantSlug)
    THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 100000
    THROW 50022, N'@Top must be from 1 to 100000.', 1;

SELECT TOP (@Top) r.Id AS RunId, t.Slug, v.AgentName, v.VersionLabel, r.Priority, r.Attempt, r.DueAt, r.CreatedAt,
       DATEDIFF_BIG(second, r.CreatedAt, SYSUTCDATETIME()) AS AgeSeconds,
       CASE WHEN t.IsPaused = 1 THEN N'its tenant is paused'
            WHEN r.DueAt > CAST(SYSUTCDATETIME() AS datetime2(3)) THEN N'the wait after a failed attempt'
            WHEN EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.TenantId = t.Id AND b.Status = 'RUNNING') THEN N'its turn: the tenant is being served'
            WHEN EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.TenantId = t.Id AND b.Status = 'QUEUED') THEN N'a free worker of its pool'
            ELSE N'the next tick' END AS WaitsFor,
       r.Error AS LastError
FROM eval.EvaluationRun r
JOIN eval.Tenant t ON t.Id = r.TenantId
JOIN eval.AgentVersion v ON v.Id = r.VersionId
WHERE r.Status = 'PENDING' AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
ORDER BY r.CreatedAt, r.Id;
