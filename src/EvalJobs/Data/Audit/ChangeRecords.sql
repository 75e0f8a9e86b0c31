-- list: change columns
Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At

-- name: AddChangeRecord
-- Adds a line to the audit trail.
-- Parameters: @TenantId bigint, @Type nvarchar(50), @TargetEntity nvarchar(50), @TargetId bigint, @Actor nvarchar(200), @Payload nvarchar(max)
INSERT INTO {schema}ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
VALUES (@TenantId, @Type, @TargetEntity, @TargetId, @Actor, @Payload);

-- name: ListRequestRecords
-- Records of what people asked of some things of one kind (@TargetIds, a JSON array): runs created and voided, policies set. Newest first.
-- Parameters: @TenantId bigint, @TargetEntity nvarchar(50), @TargetIds nvarchar(max), @BeforeId bigint, @Limit int
SELECT {top @Limit} {change columns}
FROM {schema}ChangeRecord {indexed by IX_ChangeRecord_Target}
WHERE TargetEntity = @TargetEntity AND TargetId IN ({ids @TargetIds}) AND TenantId = @TenantId AND Id < @BeforeId
  AND Type IN ('RUN_CREATED', 'RUN_VOIDED', 'POLICY_SET')
ORDER BY Id DESC
{limit @Limit}
{recompile};
