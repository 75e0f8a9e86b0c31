-- A tenant's suites by name, but for one whose first cases are still being stored (revision 0).
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM EvaluationSuite
WHERE TenantId = @TenantId AND Revision > 0
ORDER BY Name;
