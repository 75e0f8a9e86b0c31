-- These agent versions (@VersionIds, a JSON array) with their tenant and without their genome, newest first.
SELECT v.Id, v.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, v.AgentName, v.VersionLabel, v.GenomeHash, v.LifecycleState,
       REPLACE(v.EvalStatus, '_', '') AS EvalStatus, v.ParentVersionId, v.CreatedAt
FROM AgentVersion v
JOIN Tenant t ON t.Id = v.TenantId
WHERE v.Id IN (SELECT value FROM json_each(@VersionIds))
ORDER BY v.Id DESC;
