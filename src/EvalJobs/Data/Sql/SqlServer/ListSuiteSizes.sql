-- How many cases each of a tenant's suites has at its current revision.
-- Parameters: @TenantId bigint
SELECT s.Id AS SuiteId, COUNT(*) AS CaseCount
FROM eval.EvaluationSuite s
JOIN eval.TestCase c ON c.SuiteId = s.Id AND c.Revision = s.Revision
WHERE s.TenantId = @TenantId
GROUP BY s.Id;
