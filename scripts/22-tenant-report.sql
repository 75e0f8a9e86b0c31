-- Purpose:    What became of every tenant's runs in the last 24 hours and 7 days, archived ones included.
-- Parameters: @TenantSlug  only this tenant; empty: all
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @TenantSlug nvarchar(63) = N'';

SELECT t.Slug, w.Days AS LastDays,
       SUM(CASE WHEN r.Status = 'COMPLETED' THEN 1 ELSE 0 END) AS CompletedCount,
       SUM(CASE WHEN r.Status = 'COMPLETED' AND r.PassRate >= r.PassThreshold THEN 1 ELSE 0 END) AS PassedCount,
       SUM(CASE WHEN r.Status = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
       SUM(CASE WHEN r.Status = 'CANCELLED' THEN 1 ELSE 0 END) AS CancelledCount,
       AVG(r.PassRate) AS AveragePassRate,
       AVG(CASE WHEN r.Status = 'COMPLETED' THEN CAST(DATEDIFF_BIG(millisecond, r.StartedAt, r.CompletedAt) AS float) / 1000 END) AS AverageSeconds,
       MAX(CASE WHEN r.Status = 'COMPLETED' THEN CAST(DATEDIFF_BIG(millisecond, r.StartedAt, r.CompletedAt) AS float) / 1000 END) AS LongestSeconds,
       AVG(CAST(DATEDIFF_BIG(millisecond, r.CreatedAt, r.StartedAt) AS float) / 1000) AS AverageWaitSeconds,
       SUM(r.CaseCount) AS CaseCount, SUM(r.InputTokens) AS InputTokens, SUM(r.OutputTokens) AS OutputTokens, SUM(r.Cost) AS Cost
FROM eval.Tenant t
CROSS JOIN (SELECT 1 AS Days UNION ALL SELECT 7) w
LEFT JOIN (SELECT TenantId, Status, PassRate, PassThreshold, CreatedAt, StartedAt, CompletedAt, CaseCount, InputTokens, OutputTokens, Cost
           FROM eval.EvaluationRun
           WHERE CompletedAt >= DATEADD(day, -7, SYSUTCDATETIME())
           UNION ALL
           SELECT TenantId, Status, PassRate, PassThreshold, CreatedAt, StartedAt, CompletedAt, CaseCount, InputTokens, OutputTokens, Cost
           FROM eval.EvaluationRunArchive
           WHERE CompletedAt >= DATEADD(day, -7, SYSUTCDATETIME())) r
       ON r.TenantId = t.Id AND r.CompletedAt >= DATEADD(day, -w.Days, SYSUTCDATETIME())
WHERE @TenantSlug = N'' OR t.Slug = @TenantSlug
GROUP BY t.Slug, w.Days
ORDER BY t.Slug, w.Days;
