-- Ids of a tenant's runs that have not ended, in no particular order.
SELECT Id FROM EvaluationRun WHERE TenantId = @TenantId AND Status = 'PENDING'
UNION ALL
SELECT Id FROM EvaluationRun WHERE TenantId = @TenantId AND Status = 'RUNNING'
LIMIT @Limit;
