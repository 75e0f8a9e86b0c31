-- Deletes some test cases of a tenant's suites, of every revision; they have no results any more.
DELETE FROM TestCase
WHERE Id IN (SELECT c.Id
             FROM EvaluationSuite s
             JOIN TestCase c ON c.SuiteId = s.Id
             WHERE s.TenantId = @TenantId
             LIMIT @Limit);
