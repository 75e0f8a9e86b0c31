-- Adds a DRAFT agent version that was never evaluated.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @VersionLabel nvarchar(100), @Genome nvarchar(max), @GenomeHash char(64), @ParentVersionId bigint
INSERT INTO eval.AgentVersion (TenantId, AgentName, VersionLabel, Genome, GenomeHash, LifecycleState, EvalStatus, ParentVersionId)
OUTPUT inserted.Id, inserted.TenantId, inserted.AgentName, inserted.VersionLabel, inserted.Genome, inserted.GenomeHash, inserted.LifecycleState, REPLACE(inserted.EvalStatus, '_', '') AS EvalStatus, inserted.ParentVersionId, inserted.CreatedAt
VALUES (@TenantId, @AgentName, @VersionLabel, @Genome, @GenomeHash, 'DRAFT', 'NOT_RUN', @ParentVersionId);
