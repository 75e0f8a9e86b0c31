-- name: SearchTenants
-- Tenants whose slug or name holds a text, by slug. Reads all tenants once.
-- Parameters: @Pattern nvarchar(410), @Limit int
SELECT {top @Limit} {tenant columns}
FROM {schema}Tenant
WHERE Slug {like @Pattern} OR Name {like @Pattern}
ORDER BY Slug
{limit @Limit};
