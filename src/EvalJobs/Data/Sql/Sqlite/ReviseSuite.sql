-- Gives a suite its next revision, unless someone else has. The cases of the old one stay for the runs that used them.
UPDATE EvaluationSuite
SET Revision = @Revision, Name = @Name, Description = @Description, PassThreshold = @PassThreshold, IsDefault = @IsDefault, Tags = @Tags
WHERE Id = @SuiteId AND Revision = @Revision - 1
RETURNING Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt;
