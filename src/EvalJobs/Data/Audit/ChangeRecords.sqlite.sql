-- name: ListAuditTrail
-- A page of the audit trail, newest first. Null means any; @TargetId counts only with @TargetEntity.
-- SQLite plans before it knows which filters are given: one part for each filter that may lead, each with its own index.
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE @TargetEntity IS NOT NULL AND @TargetId IS NOT NULL AND TargetEntity = @TargetEntity AND TargetId = @TargetId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Actor IS NULL OR Actor = @Actor)
  AND (@Type IS NULL OR Type = @Type) AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE (@TargetEntity IS NULL OR @TargetId IS NULL) AND @Actor IS NOT NULL AND Actor = @Actor AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@Type IS NULL OR Type = @Type) AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE (@TargetEntity IS NULL OR @TargetId IS NULL) AND @Actor IS NULL AND @TenantId IS NOT NULL AND TenantId = @TenantId AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@Type IS NULL OR Type = @Type) AND Id > @AfterId AND Id < @BeforeId
UNION ALL
SELECT {change columns}
FROM {schema}ChangeRecord
WHERE (@TargetEntity IS NULL OR @TargetId IS NULL) AND @Actor IS NULL AND @TenantId IS NULL AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@Type IS NULL OR Type = @Type) AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
LIMIT @Limit;

-- name: FindChangeRecordIdAt
-- The id that the audit trail had reached so long ago: greater ids are younger. 0 when there was none yet.
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT r.Id FROM {schema}ChangeRecord r WHERE r.At <= {now - @AgoMs} ORDER BY r.At DESC LIMIT 1) AS Id) x;
