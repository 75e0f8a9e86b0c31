-- One agent version by its names.
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM AgentVersion
WHERE TenantId = @TenantId AND AgentName = @AgentName AND VersionLabel = @VersionLabel;
