-- The outbox of alerts: written in the transaction of the change that causes them, sent later, at least once.
-- Its rows are also the memory of what was said: the last HEALTH alert of a tenant, the last TICK alert.
CREATE TABLE Alert (
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
    CONSTRAINT FK_Alert_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_Alert_Topic CHECK (Topic IN ('HEALTH', 'TICK', 'FAILURE')),
    CONSTRAINT CK_Alert_Phase CHECK (Phase IN ('RAISED', 'REMINDER', 'CLEARED')),
    CONSTRAINT CK_Alert_Status CHECK (Status IN ('PENDING', 'SENT', 'FAILED')),
    CONSTRAINT CK_Alert_Ended CHECK ((Status = 'PENDING' AND EndedAt IS NULL) OR (Status <> 'PENDING' AND EndedAt IS NOT NULL AND LeaseOwner IS NULL))
) STRICT;

-- What waits to be sent.
CREATE INDEX IX_Alert_Pending ON Alert (DueAt) WHERE Status = 'PENDING';

-- What was said last on a topic, of a tenant or of the server.
CREATE INDEX IX_Alert_Topic ON Alert (Topic, TenantId, Id);

-- The alert that still gathers events, and when one was last let through.
CREATE INDEX IX_Alert_Taken ON Alert (Topic, TenantId, TakenAt);

-- A tenant's alerts, newest first.
CREATE INDEX IX_Alert_Tenant ON Alert (TenantId, Id);

-- Ended alerts by age, to be forgotten; and those given up lately.
CREATE INDEX IX_Alert_Ended ON Alert (EndedAt) WHERE EndedAt IS NOT NULL;
