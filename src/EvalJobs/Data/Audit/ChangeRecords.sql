-- list: change columns
Id, TenantId, Type, TargetEntity, TargetId, Actor, Payload, At

-- name: AddChangeRecord
-- Adds a line to the audit trail.
-- Parameters: @TenantId bigint, @Type nvarchar(50), @TargetEntity nvarchar(50), @TargetId bigint, @Actor nvarchar(200), @Payload nvarchar(max)
INSERT INTO {schema}ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
VALUES (@TenantId, @Type, @TargetEntity, @TargetId, @Actor, @Payload);
