-- Deletes a tenant that has nothing left but its health.
-- Parameters: @TenantId bigint
DELETE FROM eval.TenantHealth
WHERE TenantId = @TenantId;

DELETE FROM eval.Tenant
WHERE Id = @TenantId;
