-- Keeps a tenant's latest health; Since moves only when the status changes. Nothing of a tenant that was deleted meanwhile.
INSERT INTO TenantHealth (TenantId, Status, Since, Reasons, PendingCount, RunningCount, ExpiredLeaseCount, OldestPendingAgeMs, CheckedAt)
SELECT t.Id, @Status, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER), @Reasons, @PendingCount, @RunningCount, @ExpiredLeaseCount, @OldestPendingAgeMs, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
FROM Tenant t
WHERE t.Id = @TenantId
ON CONFLICT (TenantId) DO UPDATE
SET Since = CASE WHEN Status = excluded.Status THEN Since ELSE excluded.Since END, Status = excluded.Status, Reasons = excluded.Reasons,
    PendingCount = excluded.PendingCount, RunningCount = excluded.RunningCount, ExpiredLeaseCount = excluded.ExpiredLeaseCount,
    OldestPendingAgeMs = excluded.OldestPendingAgeMs, CheckedAt = excluded.CheckedAt;
