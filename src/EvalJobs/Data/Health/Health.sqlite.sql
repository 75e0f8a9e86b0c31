-- name: SaveTenantHealth
-- Keeps a tenant's latest health; Since moves only when the status changes. Does nothing for a deleted tenant.
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
