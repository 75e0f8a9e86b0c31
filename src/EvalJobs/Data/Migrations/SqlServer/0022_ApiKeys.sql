-- Keys for programs that use the HTTP API. The secret is high in entropy, so its SHA-256 is what is stored.
-- No TenantId: an admin key.
CREATE TABLE eval.ApiKey (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_ApiKey PRIMARY KEY,
    Name nvarchar(64) NOT NULL,
    TenantId bigint NULL,
    Role varchar(20) NOT NULL CONSTRAINT CK_ApiKey_Role CHECK (Role IN ('VIEWER', 'OPERATOR', 'APPROVER', 'ADMIN')),
    Hint varchar(20) NOT NULL,
    SecretHash char(64) NOT NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_ApiKey_CreatedAt DEFAULT SYSUTCDATETIME(),
    CreatedBy nvarchar(200) NOT NULL,
    ExpiresAt datetime2(3) NOT NULL,
    RevokedAt datetime2(3) NULL,
    RevokedBy nvarchar(200) NULL,
    LastUsedAt datetime2(3) NULL,
    CONSTRAINT UQ_ApiKey_SecretHash UNIQUE (SecretHash),
    CONSTRAINT FK_ApiKey_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_ApiKey_Tenant CHECK ((Role = 'ADMIN' AND TenantId IS NULL) OR (Role <> 'ADMIN' AND TenantId IS NOT NULL))
);
GO

-- The name is the actor in the audit trail: one key at a time has it.
CREATE UNIQUE INDEX UX_ApiKey_Name ON eval.ApiKey (Name) WHERE RevokedAt IS NULL;
GO

CREATE INDEX IX_ApiKey_Tenant ON eval.ApiKey (TenantId, Id);
GO

-- Answers of the API to requests that carried an Idempotency-Key. Stored with the act itself, in one transaction.
-- KeyHash: SHA-256 of who asked and the key. RequestHash: SHA-256 of what was asked.
CREATE TABLE eval.ApiAnswer (
    KeyHash char(64) NOT NULL CONSTRAINT PK_ApiAnswer PRIMARY KEY,
    TenantId bigint NULL,
    RequestHash char(64) NOT NULL,
    Status int NOT NULL,
    Location nvarchar(400) NULL,
    Tag nvarchar(200) NULL,
    Body nvarchar(max) NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_ApiAnswer_CreatedAt DEFAULT SYSUTCDATETIME()
);
GO

CREATE INDEX IX_ApiAnswer_CreatedAt ON eval.ApiAnswer (CreatedAt);
GO

CREATE INDEX IX_ApiAnswer_Tenant ON eval.ApiAnswer (TenantId);
GO
