-- The names of a tenant's agents, by name.
SELECT DISTINCT AgentName
FROM AgentVersion
WHERE TenantId = @TenantId
ORDER BY AgentName
LIMIT @Limit;
