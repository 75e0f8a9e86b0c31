-- Deletes the first of a tenant's suites; they have neither runs nor cases any more.
DELETE FROM EvaluationSuite
WHERE Id IN (SELECT Id FROM EvaluationSuite WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit);
