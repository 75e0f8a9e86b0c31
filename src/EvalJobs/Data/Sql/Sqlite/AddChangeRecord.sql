-- Adds a line to the audit trail.
INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
VALUES (@TenantId, @Type, @TargetEntity, @TargetId, @Actor, @Payload);
