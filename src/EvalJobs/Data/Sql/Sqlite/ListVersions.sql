-- A tenant's agent versions, newest first.
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM AgentVersion
WHERE TenantId = @TenantId
ORDER BY Id DESC;
