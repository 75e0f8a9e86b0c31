-- name: ListFailingTenants
-- Tenants whose latest batches, of those queued lately, counted so many failed attempts and completed no run. Looks at a few batches of each
-- tenant, however long its history. A batch counts its failures when it ends: a long suite's turn is none, nor is what a killed server left.
-- Completed runs are looked for themselves: those of a batch that goes on, or never came to its end, count too.
-- Parameters: @Batches int, @WithinMs int, @MinAttempts int
SELECT t.Id AS TenantId, SUM(b.FailedCount) AS FailedAttempts, MAX(w.LastRunId) AS LastRunId
FROM {schema}Tenant t
CROSS APPLY (SELECT TOP (@Batches) l.Id, l.QueuedAt, l.FailedCount FROM {schema}TenantBatch l WHERE l.TenantId = t.Id ORDER BY l.Id DESC) b
CROSS APPLY (SELECT MAX(CASE WHEN r.Error IS NOT NULL THEN r.Id END) AS LastRunId, COUNT(CASE WHEN r.Status = 'COMPLETED' THEN 1 END) AS CompletedCount
             FROM {schema}EvaluationRun r
             WHERE r.TenantBatchId = b.Id AND r.TenantBatchId IS NOT NULL) w
WHERE b.QueuedAt > {now - @WithinMs}
GROUP BY t.Id
HAVING SUM(b.FailedCount) >= @MinAttempts AND SUM(w.CompletedCount) = 0;

-- name: SaveTenantHealth
-- Keeps a tenant's latest health; Since moves only when the status changes. Nothing of a tenant that was deleted meanwhile.
-- UPDLOCK and SERIALIZABLE hold the gap, so that two health checks at once do not both insert.
-- Parameters: @TenantId bigint, @Status varchar(20), @Reasons nvarchar(max), @PendingCount int, @RunningCount int, @ExpiredLeaseCount int, @OldestPendingAgeMs bigint
UPDATE {schema}TenantHealth WITH (UPDLOCK, SERIALIZABLE)
SET Since = CASE WHEN Status = CAST(@Status AS varchar(20)) THEN Since ELSE {now} END, Status = @Status, Reasons = @Reasons,
    PendingCount = @PendingCount, RunningCount = @RunningCount, ExpiredLeaseCount = @ExpiredLeaseCount,
    OldestPendingAgeMs = @OldestPendingAgeMs, CheckedAt = {now}
WHERE TenantId = @TenantId;
IF @@ROWCOUNT = 0
    INSERT INTO {schema}TenantHealth (TenantId, Status, Since, Reasons, PendingCount, RunningCount, ExpiredLeaseCount, OldestPendingAgeMs, CheckedAt)
    SELECT t.Id, @Status, {now}, @Reasons, @PendingCount, @RunningCount, @ExpiredLeaseCount, @OldestPendingAgeMs, {now}
    FROM {schema}Tenant t
    WHERE t.Id = @TenantId;

-- name: ReadDatabaseClock
-- The only clock that decides: what is due, leased or old enough.
-- Parameters: none
SELECT CAST({now} AS datetime2(3)) AS Now;
