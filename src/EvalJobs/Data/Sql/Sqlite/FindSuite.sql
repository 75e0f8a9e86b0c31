-- One suite by name.
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM EvaluationSuite
WHERE TenantId = @TenantId AND Name = @Name;
