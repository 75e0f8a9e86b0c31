-- list: key columns
Id, Name, TenantId, Role, Hint, CreatedAt, CreatedBy, ExpiresAt, RevokedAt, RevokedBy, LastUsedAt

-- name: GetApiKey
-- One API key by id, whether it is accepted or not.
-- Parameters: @KeyId bigint
SELECT {key columns of k}, t.Slug AS TenantSlug, CASE WHEN k.RevokedAt IS NULL AND k.ExpiresAt > {now} THEN 1 ELSE 0 END AS IsUsable
FROM {schema}ApiKey k
LEFT JOIN {schema}Tenant t ON t.Id = k.TenantId
WHERE k.Id = @KeyId;

-- name: FindApiKey
-- The API key with this secret, whether it is accepted or not.
-- Parameters: @SecretHash char(64)
SELECT {key columns of k}, t.Slug AS TenantSlug, CASE WHEN k.RevokedAt IS NULL AND k.ExpiresAt > {now} THEN 1 ELSE 0 END AS IsUsable
FROM {schema}ApiKey k
LEFT JOIN {schema}Tenant t ON t.Id = k.TenantId
WHERE k.SecretHash = {hash @SecretHash};

-- name: ListApiKeys
-- API keys newest first, a page at a time; those of one tenant, or with no @TenantId all.
-- Parameters: @TenantId bigint, @BeforeId bigint, @Limit int
SELECT {top @Limit} {key columns of k}, t.Slug AS TenantSlug, CASE WHEN k.RevokedAt IS NULL AND k.ExpiresAt > {now} THEN 1 ELSE 0 END AS IsUsable
FROM {schema}ApiKey k
LEFT JOIN {schema}Tenant t ON t.Id = k.TenantId
WHERE (@TenantId IS NULL OR k.TenantId = @TenantId) AND k.Id < @BeforeId
ORDER BY k.Id DESC
{limit @Limit};

-- name: RevokeApiKey
-- Revokes a key permanently. No row when it is revoked already.
-- Parameters: @KeyId bigint, @Actor nvarchar(200)
UPDATE {schema}ApiKey
SET RevokedAt = {now}, RevokedBy = @Actor
WHERE Id = @KeyId AND RevokedAt IS NULL;

-- name: RecordApiKeyUse
-- Records that these keys (@KeyIds, a JSON array) were used.
-- Parameters: @KeyIds nvarchar(max)
UPDATE {schema}ApiKey
SET LastUsedAt = {now}
WHERE Id IN ({ids @KeyIds});
