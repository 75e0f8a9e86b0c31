-- Gives a suite its next revision. The cases of the old one stay for the runs that used them.
UPDATE EvaluationSuite
SET Revision = Revision + 1, Description = @Description, PassThreshold = @PassThreshold, IsDefault = @IsDefault, Tags = @Tags
WHERE Id = @SuiteId
RETURNING Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt;
