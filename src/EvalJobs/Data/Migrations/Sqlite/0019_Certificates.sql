-- What a promotion rested on, as canonical JSON. Its SHA-256 is in the audit record of the transition (AuditRecordId); AuditHash is that of the record itself.
-- No key to the audit record: that may be forgotten in time.
CREATE TABLE PromotionCertificate (
    AuditRecordId INTEGER PRIMARY KEY,
    TenantId INTEGER NOT NULL,
    VersionId INTEGER NOT NULL,
    Document TEXT NOT NULL,
    AuditHash TEXT NOT NULL,
    CONSTRAINT FK_PromotionCertificate_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT FK_PromotionCertificate_Version FOREIGN KEY (VersionId) REFERENCES AgentVersion (Id)
) STRICT;

CREATE INDEX IX_PromotionCertificate_Version ON PromotionCertificate (VersionId, AuditRecordId);
CREATE INDEX IX_PromotionCertificate_Tenant ON PromotionCertificate (TenantId, AuditRecordId);

-- Alerts may tell of promotion too, and carry particulars for programs. SQLite cannot change a CHECK: the table is made anew, with every row and the next id.
CREATE TABLE Alert_0019 (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NULL,
    Topic TEXT NOT NULL,
    Phase TEXT NOT NULL,
    Text TEXT NOT NULL,
    [Count] INTEGER NOT NULL DEFAULT 1,
    Status TEXT NOT NULL DEFAULT 'PENDING',
    DueAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    Attempt INTEGER NOT NULL DEFAULT 0,
    LeaseOwner TEXT NULL,
    LeaseUntil INTEGER NULL,
    SentTo TEXT NOT NULL DEFAULT '[]',
    LastError TEXT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    RaisedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    TakenAt INTEGER NULL,
    EndedAt INTEGER NULL,
    Data TEXT NULL,
    CONSTRAINT FK_Alert_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_Alert_Topic CHECK (Topic IN ('HEALTH', 'TICK', 'FAILURE', 'PROMOTED', 'GATE_FAILED', 'APPROVAL_WANTED', 'RUN_COMPLETED')),
    CONSTRAINT CK_Alert_Phase CHECK (Phase IN ('RAISED', 'REMINDER', 'CLEARED')),
    CONSTRAINT CK_Alert_Status CHECK (Status IN ('PENDING', 'SENT', 'FAILED')),
    CONSTRAINT CK_Alert_Ended CHECK ((Status = 'PENDING' AND EndedAt IS NULL) OR (Status <> 'PENDING' AND EndedAt IS NOT NULL AND LeaseOwner IS NULL))
) STRICT;
INSERT INTO Alert_0019 (Id, TenantId, Topic, Phase, Text, [Count], Status, DueAt, Attempt, LeaseOwner, LeaseUntil, SentTo, LastError, CreatedAt, RaisedAt, TakenAt, EndedAt)
SELECT Id, TenantId, Topic, Phase, Text, [Count], Status, DueAt, Attempt, LeaseOwner, LeaseUntil, SentTo, LastError, CreatedAt, RaisedAt, TakenAt, EndedAt
FROM Alert;
DELETE FROM sqlite_sequence WHERE name = 'Alert_0019';
INSERT INTO sqlite_sequence (name, seq) SELECT 'Alert_0019', seq FROM sqlite_sequence WHERE name = 'Alert';
DROP TABLE Alert;
ALTER TABLE Alert_0019 RENAME TO Alert;
CREATE INDEX IX_Alert_Pending ON Alert (DueAt) WHERE Status = 'PENDING';
CREATE INDEX IX_Alert_Topic ON Alert (Topic, TenantId, Id);
CREATE INDEX IX_Alert_Taken ON Alert (Topic, TenantId, TakenAt);
CREATE INDEX IX_Alert_Tenant ON Alert (TenantId, Id);
CREATE INDEX IX_Alert_Ended ON Alert (EndedAt) WHERE EndedAt IS NOT NULL;
