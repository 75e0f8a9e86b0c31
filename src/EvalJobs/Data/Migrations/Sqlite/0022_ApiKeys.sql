-- Keys for programs that use the HTTP API. The secret is high in entropy, so its SHA-256 is what is stored.
-- No TenantId: an admin key.
CREATE TABLE ApiKey (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    Name TEXT NOT NULL,
    TenantId INTEGER NULL,
    Role TEXT NOT NULL CHECK (Role IN ('VIEWER', 'OPERATOR', 'APPROVER', 'ADMIN')),
    Hint TEXT NOT NULL,
    SecretHash TEXT NOT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CreatedBy TEXT NOT NULL,
    ExpiresAt INTEGER NOT NULL,
    RevokedAt INTEGER NULL,
    RevokedBy TEXT NULL,
    LastUsedAt INTEGER NULL,
    CONSTRAINT UQ_ApiKey_SecretHash UNIQUE (SecretHash),
    CONSTRAINT FK_ApiKey_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_ApiKey_Tenant CHECK ((Role = 'ADMIN' AND TenantId IS NULL) OR (Role <> 'ADMIN' AND TenantId IS NOT NULL))
) STRICT;

-- The name is the actor in the audit trail: one key at a time has it.
CREATE UNIQUE INDEX UX_ApiKey_Name ON ApiKey (Name) WHERE RevokedAt IS NULL;
CREATE INDEX IX_ApiKey_Tenant ON ApiKey (TenantId, Id);

-- Answers of the API to requests that carried an Idempotency-Key. Stored with the act itself, in one transaction.
-- KeyHash: SHA-256 of who asked and the key. RequestHash: SHA-256 of what was asked.
CREATE TABLE ApiAnswer (
    KeyHash TEXT NOT NULL CONSTRAINT PK_ApiAnswer PRIMARY KEY,
    TenantId INTEGER NULL,
    RequestHash TEXT NOT NULL,
    Status INTEGER NOT NULL,
    Location TEXT NULL,
    Tag TEXT NULL,
    Body TEXT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
) STRICT;

CREATE INDEX IX_ApiAnswer_CreatedAt ON ApiAnswer (CreatedAt);
CREATE INDEX IX_ApiAnswer_Tenant ON ApiAnswer (TenantId);
