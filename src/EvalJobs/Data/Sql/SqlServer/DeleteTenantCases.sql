-- Deletes some test cases of a tenant's suites, of every revision; they have no results any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) c
FROM eval.TestCase c
WHERE c.SuiteId IN (SELECT s.Id FROM eval.EvaluationSuite s WHERE s.TenantId = @TenantId);
