-- The suite a tenant's versions are evaluated with when they enter TESTING.
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM EvaluationSuite
WHERE TenantId = @TenantId AND IsDefault = 1;
