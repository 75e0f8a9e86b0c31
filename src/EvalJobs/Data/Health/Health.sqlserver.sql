-- name: SaveTenantHealth
-- Keeps a tenant's latest health; Since moves only when the status changes. Does nothing for a deleted tenant.
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
SELECT {now} AS Now;
