-- A tenant's suites by name.
-- Parameters: @TenantId bigint
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM eval.EvaluationSuite
WHERE TenantId = @TenantId
ORDER BY Name;
