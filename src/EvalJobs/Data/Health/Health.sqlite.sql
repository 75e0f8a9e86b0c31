-- name: ListFailingTenants
-- Tenants whose latest batches, of those queued lately, counted so many failed attempts and completed no run. Looks at a few batches of each
-- tenant, however long its history; CROSS JOIN keeps that order. A batch counts its failures when it ends: a long suite's turn is none, nor is what
-- a killed server left. Completed runs are looked for themselves: those of a batch that goes on, or never came to its end, count too.
SELECT t.Id AS TenantId, SUM(b.FailedCount) AS FailedAttempts,
       MAX((SELECT MAX(r.Id) FROM {schema}EvaluationRun r WHERE r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL AND r.Error IS NOT NULL)) AS LastRunId
FROM {schema}Tenant t
CROSS JOIN {schema}TenantBatch b ON b.Id IN (SELECT l.Id FROM {schema}TenantBatch l WHERE l.TenantId = t.Id ORDER BY l.Id DESC LIMIT @Batches)
WHERE b.QueuedAt > {now - @WithinMs}
GROUP BY t.Id
HAVING SUM(b.FailedCount) >= @MinAttempts
   AND MAX(EXISTS (SELECT 1 FROM {schema}EvaluationRun r WHERE r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL AND r.Status = 'COMPLETED')) = 0;

-- name: SaveTenantHealth
-- Keeps a tenant's latest health; Since moves only when the status changes. Nothing of a tenant that was deleted meanwhile.
INSERT INTO {schema}TenantHealth (TenantId, Status, Since, Reasons, PendingCount, RunningCount, ExpiredLeaseCount, OldestPendingAgeMs, CheckedAt)
SELECT t.Id, @Status, {now}, @Reasons, @PendingCount, @RunningCount, @ExpiredLeaseCount, @OldestPendingAgeMs, {now}
FROM {schema}Tenant t
WHERE t.Id = @TenantId
ON CONFLICT (TenantId) DO UPDATE
SET Since = CASE WHEN Status = excluded.Status THEN Since ELSE excluded.Since END, Status = excluded.Status, Reasons = excluded.Reasons,
    PendingCount = excluded.PendingCount, RunningCount = excluded.RunningCount, ExpiredLeaseCount = excluded.ExpiredLeaseCount,
    OldestPendingAgeMs = excluded.OldestPendingAgeMs, CheckedAt = excluded.CheckedAt;

-- name: ReadDatabaseClock
-- The only clock that decides: what is due, leased or old enough.
SELECT {now} AS Now;
