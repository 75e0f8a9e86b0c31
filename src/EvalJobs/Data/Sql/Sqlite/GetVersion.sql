-- One agent version. REPLACE turns the stored NOT_RUN into NOTRUN: Dapper reads enum names by itself, but not underscores.
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM AgentVersion
WHERE Id = @VersionId;
