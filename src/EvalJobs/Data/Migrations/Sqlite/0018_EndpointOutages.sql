-- An endpoint that does not answer a tenant: the tenant's circuit breaker is open while the row is there. One row per tenant, so that nobody
-- keeps others from an endpoint by questions that it cannot answer.
CREATE TABLE EndpointOutage (
    Endpoint TEXT NOT NULL,
    TenantId INTEGER NOT NULL,
    Since INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    TriedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    TryCount INTEGER NOT NULL DEFAULT 1,
    LastError TEXT NULL,
    CONSTRAINT PK_EndpointOutage PRIMARY KEY (Endpoint, TenantId),
    CONSTRAINT FK_EndpointOutage_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id)
) STRICT;

-- What a tenant waits for.
CREATE INDEX IX_EndpointOutage_Tenant ON EndpointOutage (TenantId);

-- Since when the latest attempts of a tenant got no answer; null when the latest got one. Such tenants share a part of a pool's workers.
ALTER TABLE Tenant ADD COLUMN UnansweredSince INTEGER NULL;
