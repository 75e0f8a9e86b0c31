-- name: AddApiKey
-- Adds an API key. A second live one of the same name violates UX_ApiKey_Name.
-- Parameters: @Name nvarchar(64), @TenantId bigint, @Role varchar(20), @Hint varchar(20), @SecretHash char(64), @Actor nvarchar(200), @Days int
INSERT INTO {schema}ApiKey (Name, TenantId, Role, Hint, SecretHash, CreatedBy, ExpiresAt)
OUTPUT inserted.Id
VALUES (@Name, @TenantId, @Role, @Hint, @SecretHash, @Actor, {now + @Days days});
