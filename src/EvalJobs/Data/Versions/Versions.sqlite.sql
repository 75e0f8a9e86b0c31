-- name: AddVersion
-- Adds a DRAFT agent version that was never evaluated.
INSERT INTO {schema}AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, GenomeText, GenomeTextHash, LifecycleState, EvalStatus, ParentVersionId)
VALUES (@TenantId, @AgentName, @VersionLabel, @Genome, @GenomeHash, @GenomeText, @GenomeTextHash, 'DRAFT', 'NOT_RUN', @ParentVersionId)
RETURNING {version columns};

-- name: ListVersionIds
-- The ids of a page of agent versions, newest first. Null means any; an agent and a label need their tenant.
-- SQLite plans before it knows which filters are given: so there is a part for each filter, of which one has an effect.
SELECT Id
FROM {schema}AgentVersion
WHERE @ParentVersionId IS NOT NULL AND ParentVersionId = @ParentVersionId AND Id < @BeforeId
  AND (@VersionLabel IS NULL OR VersionLabel = @VersionLabel)
UNION ALL
SELECT Id
FROM {schema}AgentVersion
WHERE @ParentVersionId IS NULL AND @TenantId IS NOT NULL AND @AgentName IS NOT NULL AND TenantId = @TenantId AND AgentName = @AgentName AND Id < @BeforeId
  AND (@VersionLabel IS NULL OR VersionLabel = @VersionLabel)
UNION ALL
SELECT Id
FROM {schema}AgentVersion
WHERE @ParentVersionId IS NULL AND @TenantId IS NOT NULL AND @AgentName IS NULL AND TenantId = @TenantId AND Id < @BeforeId
  AND (@VersionLabel IS NULL OR VersionLabel = @VersionLabel)
UNION ALL
SELECT Id
FROM {schema}AgentVersion
WHERE @ParentVersionId IS NULL AND @TenantId IS NULL AND Id < @BeforeId
  AND (@VersionLabel IS NULL OR VersionLabel = @VersionLabel)
ORDER BY Id DESC
LIMIT @Limit;
