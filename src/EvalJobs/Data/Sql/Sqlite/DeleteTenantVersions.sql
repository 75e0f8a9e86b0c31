-- Deletes the last of a tenant's agent versions; children come after their parents. They have no runs any more.
DELETE FROM AgentVersion
WHERE Id IN (SELECT Id FROM AgentVersion WHERE TenantId = @TenantId ORDER BY Id DESC LIMIT @Limit);
