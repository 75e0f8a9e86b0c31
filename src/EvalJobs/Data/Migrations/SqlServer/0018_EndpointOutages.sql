-- An endpoint that does not answer a tenant: the tenant's circuit breaker is open while the row is there. One row per tenant, so that nobody
-- keeps others from an endpoint by questions that it cannot answer.
CREATE TABLE eval.EndpointOutage (
    Endpoint nvarchar(300) NOT NULL,
    TenantId bigint NOT NULL CONSTRAINT FK_EndpointOutage_Tenant REFERENCES eval.Tenant (Id),
    Since datetime2(3) NOT NULL CONSTRAINT DF_EndpointOutage_Since DEFAULT SYSUTCDATETIME(),
    TriedAt datetime2(3) NOT NULL CONSTRAINT DF_EndpointOutage_TriedAt DEFAULT SYSUTCDATETIME(),
    TryCount int NOT NULL CONSTRAINT DF_EndpointOutage_TryCount DEFAULT 1,
    LastError nvarchar(max) NULL,
    CONSTRAINT PK_EndpointOutage PRIMARY KEY (Endpoint, TenantId)
);
GO

-- What a tenant waits for.
CREATE INDEX IX_EndpointOutage_Tenant ON eval.EndpointOutage (TenantId);
GO

-- Since when the latest attempts of a tenant got no answer; null when the latest got one. Such tenants share a part of a pool's workers.
ALTER TABLE eval.Tenant ADD UnansweredSince datetime2(3) NULL;
GO
