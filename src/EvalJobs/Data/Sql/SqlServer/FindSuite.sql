-- One suite by name, even if its first cases are still being stored (revision 0).
-- Parameters: @TenantId bigint, @Name nvarchar(200)
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM eval.EvaluationSuite
WHERE TenantId = @TenantId AND Name = @Name;
