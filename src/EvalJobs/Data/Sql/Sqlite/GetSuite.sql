-- One suite by id.
SELECT Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt
FROM EvaluationSuite
WHERE Id = @SuiteId;
