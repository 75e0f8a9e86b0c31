-- name: OpenEndpointOutage
-- The endpoint did not answer the tenant, for the first time or again. Does nothing for a deleted tenant.
INSERT INTO {schema}EndpointOutage (Endpoint, TenantId, LastError)
SELECT @Endpoint, t.Id, @Error
FROM {schema}Tenant t
WHERE t.Id = @TenantId
ON CONFLICT (Endpoint, TenantId) DO UPDATE
SET TriedAt = {now}, TryCount = TryCount + 1, LastError = excluded.LastError;
