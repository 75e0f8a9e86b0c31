-- The ids of a page of agent versions, newest first. Null means any; an agent needs its tenant.
-- RECOMPILE: the best index depends on which filters are given.
-- Parameters: @TenantId bigint, @AgentName nvarchar(200), @ParentVersionId bigint, @BeforeId bigint, @Limit int
SELECT TOP (@Limit) Id
FROM eval.AgentVersion
WHERE (@ParentVersionId IS NULL OR ParentVersionId = @ParentVersionId)
  AND (@TenantId IS NULL OR TenantId = @TenantId)
  AND (@AgentName IS NULL OR AgentName = @AgentName)
  AND Id < @BeforeId
ORDER BY Id DESC
OPTION (RECOMPILE);
