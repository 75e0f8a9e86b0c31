-- name: ListAuditTrail
-- A page of the audit trail, newest first. Null means any; @TargetId counts only with @TargetEntity.
-- RECOMPILE: the best index depends on which filters are given.
-- Parameters: @TenantId bigint, @TargetEntity nvarchar(50), @TargetId bigint, @Actor nvarchar(200), @Type nvarchar(50), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) {change columns}
FROM {schema}ChangeRecord
WHERE (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity)
  AND (@TargetEntity IS NULL OR @TargetId IS NULL OR TargetId = @TargetId)
  AND (@Actor IS NULL OR Actor = @Actor)
  AND (@Type IS NULL OR Type = @Type)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
OPTION (RECOMPILE);

-- name: FindChangeRecordIdAt
-- The id that the audit trail had reached so long ago: greater ids are younger. 0 when there was none yet.
-- Two steps back, whole days and the rest: DATEADD takes an int.
-- Parameters: @AgoMs bigint
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT TOP (1) r.Id FROM {schema}ChangeRecord r WHERE r.At <= DATEADD(millisecond, -(@AgoMs % 86400000), DATEADD(day, -(@AgoMs / 86400000), {now})) ORDER BY r.At DESC) AS Id) x;
