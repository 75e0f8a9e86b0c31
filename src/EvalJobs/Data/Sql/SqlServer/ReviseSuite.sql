-- Gives a suite its next revision, unless someone else has. The cases of the old one stay for the runs that used them.
-- Parameters: @SuiteId bigint, @Revision int, @Name nvarchar(200), @Description nvarchar(max), @PassThreshold float, @IsDefault bit, @Tags nvarchar(max)
UPDATE eval.EvaluationSuite
SET Revision = @Revision, Name = @Name, Description = @Description, PassThreshold = @PassThreshold, IsDefault = @IsDefault, Tags = @Tags
OUTPUT inserted.Id, inserted.TenantId, inserted.Name, inserted.Description, inserted.Revision, inserted.PassThreshold, inserted.IsDefault, inserted.Tags, inserted.CreatedAt
WHERE Id = @SuiteId AND Revision = @Revision - 1;
