-- Adds a suite at revision 1.
-- Parameters: @TenantId bigint, @Name nvarchar(200), @Description nvarchar(max), @PassThreshold float, @IsDefault bit, @Tags nvarchar(max)
INSERT INTO eval.EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
OUTPUT inserted.Id, inserted.TenantId, inserted.Name, inserted.Description, inserted.Revision, inserted.PassThreshold, inserted.IsDefault, inserted.Tags, inserted.CreatedAt
VALUES (@TenantId, @Name, @Description, 1, @PassThreshold, @IsDefault, @Tags);
