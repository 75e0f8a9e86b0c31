-- Ids of a tenant's runs that have not ended, in no particular order.
-- Parameters: @TenantId bigint, @Limit int
SELECT TOP (@Limit) Id
FROM eval.EvaluationRun
WHERE TenantId = @TenantId AND Status IN ('PENDING', 'RUNNING');
