-- name: FindEndpointOutage
-- Whether an endpoint is known not to answer this tenant, and how many other tenants it does not answer either.
-- Parameters: @Endpoint nvarchar(300), @TenantId bigint
SELECT (SELECT COUNT(*) FROM {schema}EndpointOutage o WHERE o.Endpoint = @Endpoint AND o.TenantId <> @TenantId) AS OtherTenants,
       (SELECT COUNT(*) FROM {schema}EndpointOutage o WHERE o.Endpoint = @Endpoint AND o.TenantId = @TenantId) AS IsOpen;

-- name: TryEndpointAgain
-- Claims the tenant's next try at an endpoint that does not answer it; no row while it is not due. An endpoint that does not answer several tenants is tried
-- by one of them at a time, but each of them gets its own try in the end (@OwnIntervalMs): none can use up the tries of the others.
-- UPDLOCK and SERIALIZABLE: if two servers do this at once, the second sees the try of the first.
-- Parameters: @Endpoint nvarchar(300), @TenantId bigint, @IntervalMs int, @OwnIntervalMs int, @SeveralTenants int
UPDATE {schema}EndpointOutage
SET TriedAt = {now}
WHERE Endpoint = @Endpoint AND TenantId = @TenantId AND TriedAt <= {now - @IntervalMs}
  AND (TriedAt <= {now - @OwnIntervalMs}
       OR (SELECT COUNT(*) FROM {schema}EndpointOutage o {with UPDLOCK, SERIALIZABLE} WHERE o.Endpoint = @Endpoint) < @SeveralTenants
       OR NOT EXISTS (SELECT 1 FROM {schema}EndpointOutage o {with UPDLOCK, SERIALIZABLE} WHERE o.Endpoint = @Endpoint AND o.TriedAt > {now - @IntervalMs}));

-- name: GetEndpointOutage
-- One outage, with its age by the database's clock.
-- Parameters: @Endpoint nvarchar(300), @TenantId bigint
SELECT Endpoint, TenantId, Since, TriedAt, TryCount, LastError, {milliseconds since Since} AS AgeMs
FROM {schema}EndpointOutage
WHERE Endpoint = @Endpoint AND TenantId = @TenantId;

-- name: CloseEndpointOutage
-- The endpoint answers the tenant again.
-- Parameters: @Endpoint nvarchar(300), @TenantId bigint
DELETE FROM {schema}EndpointOutage
WHERE Endpoint = @Endpoint AND TenantId = @TenantId;

-- name: ReleaseEndpointTries
-- Lets the other tenants of an endpoint that answers one of them again try it at once, if so many wait for it.
-- Parameters: @Endpoint nvarchar(300), @OwnIntervalMs int, @SeveralTenants int
UPDATE {schema}EndpointOutage
SET TriedAt = {now - @OwnIntervalMs}
WHERE Endpoint = @Endpoint AND (SELECT COUNT(*) FROM {schema}EndpointOutage o WHERE o.Endpoint = @Endpoint) >= @SeveralTenants - 1;

-- name: ListEndpointOutages
-- The endpoints that do not answer, by tenant. One that was not tried for so long is left out: no run of the tenant waits for it.
-- Parameters: @WithinMs int
SELECT Endpoint, TenantId, Since, TriedAt, TryCount, LastError, {milliseconds since Since} AS AgeMs
FROM {schema}EndpointOutage
WHERE TriedAt > {now - @WithinMs}
ORDER BY TenantId, Endpoint;

-- name: DeleteOldEndpointOutages
-- Deletes outages of endpoints that were not tried for long. READPAST: a row that a stopped process holds must not block the record of another outage.
-- Parameters: @OlderThanMs int
DELETE FROM {schema}EndpointOutage {with READPAST, ROWLOCK}
WHERE TriedAt <= {now - @OlderThanMs};

-- name: DeleteTenantOutages
-- Deletes the outages of a tenant.
-- Parameters: @TenantId bigint
DELETE FROM {schema}EndpointOutage
WHERE TenantId = @TenantId;

-- name: SetTenantUnanswered
-- Records that a tenant's latest attempt got no answer, if the one before got one.
-- Parameters: @TenantId bigint
UPDATE {schema}Tenant
SET UnansweredSince = {now}
WHERE Id = @TenantId AND UnansweredSince IS NULL;

-- name: SetTenantAnswered
-- Records that a tenant's latest attempt got an answer, if the one before got none.
-- Parameters: @TenantId bigint
UPDATE {schema}Tenant
SET UnansweredSince = NULL
WHERE Id = @TenantId AND UnansweredSince IS NOT NULL;
