-- list: change columns
Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At

-- name: AddChangeRecord
-- Adds a line to the audit trail.
-- Parameters: @TenantId bigint, @Type nvarchar(50), @TargetEntity nvarchar(50), @TargetId bigint, @Actor nvarchar(200), @Payload nvarchar(max)
INSERT INTO {schema}ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
VALUES (@TenantId, @Type, @TargetEntity, @TargetId, @Actor, @Payload);

-- name: ListAuditTrail
-- A page of the audit trail, newest first. Null means any.
-- There is one query for each filter that has its own index: SQLite plans before it knows which filters are given, and one query for all took twice as long to plan.
-- Parameters: @TargetEntity nvarchar(50), @Type nvarchar(50), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} {change columns}
FROM {schema}ChangeRecord
WHERE (@TargetEntity IS NULL OR TargetEntity = @TargetEntity) AND (@Type IS NULL OR Type = @Type)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
{limit @Limit}
{recompile};

-- name: ListAuditTrailOfTarget
-- The same for one entity. The other filters may be null.
-- Parameters: @TargetEntity nvarchar(50), @TargetId bigint, @TenantId bigint, @Actor nvarchar(200), @Type nvarchar(50), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} {change columns}
FROM {schema}ChangeRecord
WHERE TargetEntity = @TargetEntity AND TargetId = @TargetId AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@Actor IS NULL OR Actor = @Actor) AND (@Type IS NULL OR Type = @Type)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
{limit @Limit}
{recompile};

-- name: ListAuditTrailOfActor
-- The same for an actor. The other filters may be null.
-- Parameters: @Actor nvarchar(200), @TenantId bigint, @TargetEntity nvarchar(50), @Type nvarchar(50), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} {change columns}
FROM {schema}ChangeRecord
WHERE Actor = @Actor AND (@TenantId IS NULL OR TenantId = @TenantId) AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity) AND (@Type IS NULL OR Type = @Type)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
{limit @Limit}
{recompile};

-- name: ListAuditTrailOfTenant
-- The same for a tenant. The other filters may be null.
-- Parameters: @TenantId bigint, @TargetEntity nvarchar(50), @Type nvarchar(50), @AfterId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} {change columns}
FROM {schema}ChangeRecord
WHERE TenantId = @TenantId AND (@TargetEntity IS NULL OR TargetEntity = @TargetEntity) AND (@Type IS NULL OR Type = @Type)
  AND Id > @AfterId AND Id < @BeforeId
ORDER BY Id DESC
{limit @Limit}
{recompile};

-- name: ListRequestRecords
-- Records of requests about some entities of one kind (@TargetIds, a JSON array): runs created and voided, policies set. Newest first.
-- Parameters: @TenantId bigint, @TargetEntity nvarchar(50), @TargetIds nvarchar(max), @BeforeId bigint, @Limit int
SELECT {top @Limit} {change columns}
FROM {schema}ChangeRecord {indexed by IX_ChangeRecord_Target}
WHERE TargetEntity = @TargetEntity AND TargetId IN ({ids @TargetIds}) AND TenantId = @TenantId AND Id < @BeforeId
  AND Type IN ('RUN_CREATED', 'RUN_VOIDED', 'POLICY_SET')
ORDER BY Id DESC
{limit @Limit}
{recompile};
