-- One agent version. REPLACE turns the stored NOT_RUN into NOTRUN: Dapper reads enum names by itself, but not underscores.
-- Parameters: @VersionId bigint
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM eval.AgentVersion
WHERE Id = @VersionId;
