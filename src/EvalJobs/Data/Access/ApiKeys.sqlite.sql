-- name: AddApiKey
-- Adds an API key. A second live one of the same name violates UX_ApiKey_Name.
INSERT INTO {schema}ApiKey (Name, TenantId, Role, Hint, SecretHash, CreatedBy, ExpiresAt)
VALUES (@Name, @TenantId, @Role, @Hint, @SecretHash, @Actor, {now + @Days days})
RETURNING Id;
