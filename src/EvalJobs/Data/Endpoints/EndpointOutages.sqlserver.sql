-- name: OpenEndpointOutage
-- The endpoint did not answer the tenant, for the first time or again. Does nothing for a deleted tenant.
-- UPDLOCK and SERIALIZABLE hold the gap, so that two at once do not both insert.
-- Parameters: @Endpoint nvarchar(300), @TenantId bigint, @Error nvarchar(max)
UPDATE {schema}EndpointOutage WITH (UPDLOCK, SERIALIZABLE)
SET TriedAt = {now}, TryCount = TryCount + 1, LastError = @Error
WHERE Endpoint = @Endpoint AND TenantId = @TenantId;
IF @@ROWCOUNT = 0
    INSERT INTO {schema}EndpointOutage (Endpoint, TenantId, LastError)
    SELECT @Endpoint, t.Id, @Error
    FROM {schema}Tenant t
    WHERE t.Id = @TenantId;
