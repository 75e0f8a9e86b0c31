-- Deletes the first of a tenant's runs; they have no results any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE FROM eval.EvaluationRun
WHERE Id IN (SELECT TOP (@Limit) t.Id FROM eval.EvaluationRun t WHERE t.TenantId = @TenantId ORDER BY t.Id);
