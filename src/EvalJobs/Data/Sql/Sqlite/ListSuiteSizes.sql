-- How many cases each of a tenant's suites has at its current revision.
SELECT s.Id AS SuiteId, COUNT(*) AS CaseCount
FROM EvaluationSuite s
JOIN TestCase c ON c.SuiteId = s.Id AND c.Revision = s.Revision
WHERE s.TenantId = @TenantId
GROUP BY s.Id;
