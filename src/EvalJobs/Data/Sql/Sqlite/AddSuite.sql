-- Adds a suite at revision 1.
INSERT INTO EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
VALUES (@TenantId, @Name, @Description, 1, @PassThreshold, @IsDefault, @Tags)
RETURNING Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt;
