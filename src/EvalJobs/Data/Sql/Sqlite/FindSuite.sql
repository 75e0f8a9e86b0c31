-- One suite by name, even if its first cases are still being stored (revision 0).
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM EvaluationSuite
WHERE TenantId = @TenantId AND Name = @Name;
