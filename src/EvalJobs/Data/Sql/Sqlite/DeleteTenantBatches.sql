-- Deletes the first of a tenant's batches. Whoever works one finds it gone.
DELETE FROM TenantBatch
WHERE Id IN (SELECT Id FROM TenantBatch WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit);
