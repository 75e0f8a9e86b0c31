-- A tenant's agent versions, newest first.
-- Parameters: @TenantId bigint
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM eval.AgentVersion
WHERE TenantId = @TenantId
ORDER BY Id DESC;
