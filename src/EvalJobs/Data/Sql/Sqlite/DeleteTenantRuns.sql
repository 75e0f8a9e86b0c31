-- Deletes the first of a tenant's runs; they have no results any more.
DELETE FROM EvaluationRun
WHERE Id IN (SELECT Id FROM EvaluationRun WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit);
