-- Keeps a tenant's latest health; Since moves only when the status changes. Nothing of a tenant that was deleted meanwhile.
-- UPDLOCK and SERIALIZABLE hold the gap, so that two health checks at once do not both insert.
-- Parameters: @TenantId bigint, @Status varchar(20), @Reasons nvarchar(max), @PendingCount int, @RunningCount int, @ExpiredLeaseCount int, @OldestPendingAgeMs bigint
UPDATE eval.TenantHealth WITH (UPDLOCK, SERIALIZABLE)
SET Since = CASE WHEN Status = CAST(@Status AS varchar(20)) THEN Since ELSE SYSUTCDATETIME() END, Status = @Status, Reasons = @Reasons,
    PendingCount = @PendingCount, RunningCount = @RunningCount, ExpiredLeaseCount = @ExpiredLeaseCount,
    OldestPendingAgeMs = @OldestPendingAgeMs, CheckedAt = SYSUTCDATETIME()
WHERE TenantId = @TenantId;
IF @@ROWCOUNT = 0
    INSERT INTO eval.TenantHealth (TenantId, Status, Since, Reasons, PendingCount, RunningCount, ExpiredLeaseCount, OldestPendingAgeMs, CheckedAt)
    SELECT t.Id, @Status, SYSUTCDATETIME(), @Reasons, @PendingCount, @RunningCount, @ExpiredLeaseCount, @OldestPendingAgeMs, SYSUTCDATETIME()
    FROM eval.Tenant t
    WHERE t.Id = @TenantId;
