-- The audit trail newest first, a page at a time. Null means any.
SELECT Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM ChangeRecord
WHERE (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@TargetId IS NULL OR TargetId = @TargetId)
  AND Id < @BeforeId
ORDER BY Id DESC
LIMIT @Limit;
