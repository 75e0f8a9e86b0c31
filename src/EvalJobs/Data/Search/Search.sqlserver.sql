-- name: SearchVersions
-- The ids of versions whose agent and label hold a text, newest first: among the newest @Scan of a tenant; null means all tenants.
-- RECOMPILE: the best index depends on whether a tenant is given.
-- Parameters: @TenantId bigint, @Pattern nvarchar(410), @Scan int, @Limit int
SELECT TOP (@Limit) x.Id
FROM (SELECT TOP (@Scan) Id, AgentName, VersionLabel
      FROM {schema}AgentVersion
      WHERE @TenantId IS NULL OR TenantId = @TenantId
      ORDER BY Id DESC) x
WHERE (x.AgentName + N' ' + x.VersionLabel) {like @Pattern}
ORDER BY x.Id DESC
OPTION (RECOMPILE);
