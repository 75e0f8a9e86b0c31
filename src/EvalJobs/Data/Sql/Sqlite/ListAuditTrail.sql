-- A page of the audit trail, newest first. Null means any; @TargetId counts only with @TargetEntity.
-- SQLite plans before it knows which filters are given: one part for each filter that may lead, each with its own index.
SELECT Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM ChangeRecord
WHERE @TargetEntity IS NOT NULL AND @TargetId IS NOT NULL AND TargetEntity = @TargetEntity AND TargetId = @TargetId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Actor IS NULL OR Actor = @Actor)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM ChangeRecord
WHERE (@TargetEntity IS NULL OR @TargetId IS NULL) AND @Actor IS NOT NULL AND Actor = @Actor AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM ChangeRecord
WHERE (@TargetEntity IS NULL OR @TargetId IS NULL) AND @Actor IS NULL AND @TenantId IS NOT NULL AND TenantId = @TenantId AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At
FROM ChangeRecord
WHERE (@TargetEntity IS NULL OR @TargetId IS NULL) AND @Actor IS NULL AND @TenantId IS NULL AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
LIMIT @Limit;
