-- Adds a suite without cases: revision 0, which ReviseSuite makes 1 in the same transaction, once its cases are there.
INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
VALUES (@TenantId, @Name, '', 0, 1, 0, '[]')
RETURNING Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt;
