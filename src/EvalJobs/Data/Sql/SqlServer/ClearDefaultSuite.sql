-- Makes room for another default suite.
-- Parameters: @TenantId bigint
UPDATE eval.EvaluationSuite
SET IsDefault = 0
WHERE TenantId = @TenantId AND IsDefault = 1;
