-- Deletes the first of a tenant's alerts, sent or not.
DELETE FROM Alert
WHERE Id IN (SELECT Id FROM Alert WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit);
