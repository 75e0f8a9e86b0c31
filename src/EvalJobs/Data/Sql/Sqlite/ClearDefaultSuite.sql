-- Makes room for another default suite.
UPDATE EvaluationSuite
SET IsDefault = 0
WHERE TenantId = @TenantId AND IsDefault = 1;
