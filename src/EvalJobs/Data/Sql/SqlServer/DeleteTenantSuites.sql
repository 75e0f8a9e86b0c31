-- Deletes the first of a tenant's suites; they have neither runs nor cases any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM eval.EvaluationSuite
WHERE Id IN (SELECT TOP (@Limit) t.Id FROM eval.EvaluationSuite t WHERE t.TenantId = @TenantId ORDER BY t.Id);
