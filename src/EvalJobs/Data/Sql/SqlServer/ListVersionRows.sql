-- These agent versions (@VersionIds, a JSON array) with their tenant and without their genome, newest first.
-- Parameters: @VersionIds nvarchar(max)
SELECT v.Id, v.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, v.AgentName, v.VersionLabel, v.GenomeHash, v.LifecycleState,
       REPLACE(v.EvalStatus, '_', '') AS EvalStatus, v.ParentVersionId, v.CreatedAt
FROM eval.AgentVersion v
JOIN eval.Tenant t ON t.Id = v.TenantId
WHERE v.Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@VersionIds) j)
ORDER BY v.Id DESC;
