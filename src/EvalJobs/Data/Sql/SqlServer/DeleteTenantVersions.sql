-- Deletes the last of a tenant's agent versions; children come after their parents. They have no runs any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM eval.AgentVersion
WHERE Id IN (SELECT TOP (@Limit) t.Id FROM eval.AgentVersion t WHERE t.TenantId = @TenantId ORDER BY t.Id DESC);
