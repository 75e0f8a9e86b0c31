-- Deletes a tenant that has nothing left but its health.
DELETE FROM TenantHealth
WHERE TenantId = @TenantId;

DELETE FROM Tenant
WHERE Id = @TenantId;
