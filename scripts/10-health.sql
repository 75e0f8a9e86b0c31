-- Purpose:    Health and backlog of every tenant: what waits, what runs, how old the oldest due run is, what the last health check said and why.
-- Parameters: none
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

SELECT t.Slug, t.IsPaused, t.WorkerPool,
       (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING') AS PendingCount,
       (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3))) AS DueCount,
       (SELECT DATEDIFF_BIG(second, MIN(r.DueAt), SYSUTCDATETIME())
        FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= CAST(SYSUTCDATETIME() AS datetime2(3))) AS OldestDueSeconds,
       (SELECT COUNT(*) FROM eval.EvaluationRun r WHERE r.TenantId = t.Id AND r.Status = 'RUNNING') AS RunningCount,
       (SELECT COUNT(*) FROM eval.EvaluationRun r
        WHERE r.TenantId = t.Id AND r.Status = 'RUNNING' AND r.LeaseUntil < CAST(SYSUTCDATETIME() AS datetime2(3))) AS ExpiredLeaseCount,
       (SELECT TOP (1) b.QueuedAt FROM eval.TenantBatch b WHERE b.TenantId = t.Id ORDER BY b.Id DESC) AS LastServedAt,
       h.Status AS HealthStatus, h.Since AS HealthSince, h.CheckedAt AS HealthCheckedAt, h.Reasons AS HealthReasons
FROM eval.Tenant t
LEFT JOIN eval.TenantHealth h ON h.TenantId = t.Id
ORDER BY DueCount DESC, t.Slug;

-- The last ticks: a gap longer than the schedule means that no server runs.
SELECT TOP (5) d.Id, d.[Trigger], d.StartedAt, d.FinishedAt, d.TenantCount, d.QueuedBatchCount, d.RequeuedCount, d.ExhaustedCount, d.AbandonedBatchCount
FROM eval.Dispatch d
ORDER BY d.Id DESC;
