-- The audit trail newest first, a page at a time. Null means any.
-- RECOMPILE: the best index depends on which filters are given.
-- Parameters: @TenantId bigint, @TargetEntity nvarchar(50), @TargetId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM eval.ChangeRecord
WHERE (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@TargetId IS NULL OR TargetId = @TargetId)
  AND Id < @BeforeId
ORDER BY Id DESC
OPTION (RECOMPILE);
