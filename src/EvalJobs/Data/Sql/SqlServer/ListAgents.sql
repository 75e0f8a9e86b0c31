-- The names of a tenant's agents, by name.
-- Parameters: @TenantId bigint, @Limit int
SELECT DISTINCT TOP (@Limit) AgentName
FROM eval.AgentVersion
WHERE TenantId = @TenantId
ORDER BY AgentName;
