-- One agent version, held until the transaction ends, so that its state cannot change between the check and the write.
-- Parameters: @VersionId bigint
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM eval.AgentVersion WITH (UPDLOCK, ROWLOCK)
WHERE Id = @VersionId;
