-- The suite a tenant's versions are evaluated with when they enter TESTING.
-- Parameters: @TenantId bigint
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM eval.EvaluationSuite
WHERE TenantId = @TenantId AND IsDefault = 1;
