-- name: AddVersion
-- Adds a DRAFT agent version that was never evaluated.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @VersionLabel nvarchar(100), @Genome nvarchar(max), @GenomeHash char(64), @GenomeText nvarchar(max), @GenomeTextHash char(64), @ParentVersionId bigint
INSERT INTO {schema}AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, GenomeText, GenomeTextHash, LifecycleState, EvalStatus, ParentVersionId)
OUTPUT {version columns of inserted}
VALUES (@TenantId, @AgentName, @VersionLabel, @Genome, @GenomeHash, @GenomeText, @GenomeTextHash, 'DRAFT', 'NOT_RUN', @ParentVersionId);

-- name: ListVersionIds
-- The ids of a page of agent versions, newest first. Null means any; an agent and a label need their tenant.
-- RECOMPILE: the best index depends on which filters are given.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @VersionLabel nvarchar(100), @ParentVersionId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) Id
FROM {schema}AgentVersion
WHERE (@ParentVersionId IS NULL OR ParentVersionId = @ParentVersionId)
  AND (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@AgentName IS NULL OR AgentName = @AgentName)
  AND (@VersionLabel IS NULL OR VersionLabel = @VersionLabel)
  AND Id < @BeforeId
ORDER BY Id DESC
OPTION (RECOMPILE);
