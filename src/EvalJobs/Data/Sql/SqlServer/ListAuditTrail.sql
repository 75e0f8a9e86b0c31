-- A page of the audit trail, newest first. Null means any; @TargetId counts only with @TargetEntity.
-- RECOMPILE: the best index depends on which filters are given.
-- Parameters: @TenantId bigint, @TargetEntity nvarchar(50), @TargetId bigint, @Actor nvarchar(200), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM eval.ChangeRecord
WHERE (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@TargetEntity IS NULL OR @TargetId IS NULL OR TargetId = @TargetId)
  AND (@Actor IS NULL OR Actor = @Actor)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
OPTION (RECOMPILE);
