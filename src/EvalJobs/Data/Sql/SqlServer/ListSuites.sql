-- A tenant's suites by name, but for one whose first cases are still being stored (revision 0).
-- Parameters: @TenantId bigint
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM eval.EvaluationSuite
WHERE TenantId = @TenantId AND Revision > 0
ORDER BY Name;
