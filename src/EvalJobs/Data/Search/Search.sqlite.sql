-- name: SearchVersions
-- The ids of versions whose agent and label hold a text, newest first: among the newest @Scan of a tenant; null means all tenants.
-- SQLite plans before it knows whether a tenant is given: so there is a part for each case, of which one has an effect.
SELECT x.Id
FROM (SELECT Id, AgentName, VersionLabel
      FROM {schema}AgentVersion
      WHERE @TenantId IS NOT NULL AND TenantId = @TenantId
      UNION ALL
      SELECT Id, AgentName, VersionLabel
      FROM {schema}AgentVersion
      WHERE @TenantId IS NULL
      ORDER BY Id DESC
      LIMIT @Scan) x
WHERE x.AgentName || ' ' || x.VersionLabel {like @Pattern}
ORDER BY x.Id DESC
LIMIT @Limit;
