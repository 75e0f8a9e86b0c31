-- Adds a DRAFT agent version that was never evaluated.
INSERT INTO AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus, ParentVersionId)
VALUES (@TenantId, @AgentName, @VersionLabel, @Genome, @GenomeHash, 'DRAFT', 'NOT_RUN', @ParentVersionId)
RETURNING Id, TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, REPLACE(EvalStatus, '_', '') AS EvalStatus, ParentVersionId, CreatedAt;
