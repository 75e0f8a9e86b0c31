-- A tenant's agent versions newest first, a page at a time: pass the last id seen as @BeforeId.
-- Parameters: @TenantId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM eval.AgentVersion
WHERE TenantId = @TenantId AND Id < @BeforeId
ORDER BY Id DESC;
