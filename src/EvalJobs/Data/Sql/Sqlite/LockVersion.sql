-- One agent version, held until the transaction ends, so that its state cannot change between the check and the write.
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM AgentVersion
WHERE Id = @VersionId;
