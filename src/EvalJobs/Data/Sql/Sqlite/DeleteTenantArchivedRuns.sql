-- Deletes the first of a tenant's archived runs; they have no results any more.
DELETE FROM EvaluationRunArchive
WHERE Id IN (SELECT Id FROM EvaluationRunArchive WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit);
