-- Adds a suite without cases: revision 0, which nobody is shown, until ReviseSuite makes it 1, once its cases are there.
-- Parameters: @TenantId bigint, @Name nvarchar(200)
INSERT INTO eval.EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
OUTPUT inserted.Id, inserted.TenantId, inserted.Name, inserted.Description, inserted.Revision, inserted.PassThreshold, inserted.IsDefault, inserted.Tags, inserted.CreatedAt
VALUES (@TenantId, @Name, N'', 0, 1, 0, N'[]');
