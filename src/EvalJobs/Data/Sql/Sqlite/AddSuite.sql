-- Adds a suite without cases: revision 0, which nobody is shown, until ReviseSuite makes it 1, once its cases are there.
INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
VALUES (@TenantId, @Name, '', 0, 1, 0, '[]')
RETURNING Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt;
