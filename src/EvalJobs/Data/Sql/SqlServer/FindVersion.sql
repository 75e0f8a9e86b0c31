-- One agent version by its names.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @VersionLabel nvarchar(100)
SELECT Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt
FROM eval.AgentVersion
WHERE TenantId = @TenantId AND AgentName = @AgentName AND VersionLabel = @VersionLabel;
