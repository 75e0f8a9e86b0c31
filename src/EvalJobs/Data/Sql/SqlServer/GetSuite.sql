-- One suite by id.
-- Parameters: @SuiteId bigint
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM eval.EvaluationSuite
WHERE Id = @SuiteId;
