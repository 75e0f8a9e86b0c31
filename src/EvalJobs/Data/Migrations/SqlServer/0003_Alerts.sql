-- The outbox of alerts: written in the transaction of the change that causes them, sent later, at least once.
-- Its rows are also the memory of what was said: the last HEALTH alert of a tenant, the last TICK alert.
CREATE TABLE eval.Alert (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Alert PRIMARY KEY,
    TenantId bigint NULL,
    Topic varchar(20) NOT NULL,
    Phase varchar(20) NOT NULL,
    Text nvarchar(max) NOT NULL,
    [Count] int NOT NULL CONSTRAINT DF_Alert_Count DEFAULT 1,
    Status varchar(20) NOT NULL CONSTRAINT DF_Alert_Status DEFAULT 'PENDING',
    DueAt datetime2(3) NOT NULL CONSTRAINT DF_Alert_DueAt DEFAULT SYSUTCDATETIME(),
    Attempt int NOT NULL CONSTRAINT DF_Alert_Attempt DEFAULT 0,
    LeaseOwner nvarchar(200) NULL,
    LeaseUntil datetime2(3) NULL,
    SentTo nvarchar(max) NOT NULL CONSTRAINT DF_Alert_SentTo DEFAULT N'[]',
    LastError nvarchar(max) NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_Alert_CreatedAt DEFAULT SYSUTCDATETIME(),
    RaisedAt datetime2(3) NOT NULL CONSTRAINT DF_Alert_RaisedAt DEFAULT SYSUTCDATETIME(),
    TakenAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    CONSTRAINT FK_Alert_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_Alert_Topic CHECK (Topic IN ('HEALTH', 'TICK', 'FAILURE')),
    CONSTRAINT CK_Alert_Phase CHECK (Phase IN ('RAISED', 'REMINDER', 'CLEARED')),
    CONSTRAINT CK_Alert_Status CHECK (Status IN ('PENDING', 'SENT', 'FAILED')),
    CONSTRAINT CK_Alert_Ended CHECK ((Status = 'PENDING' AND EndedAt IS NULL) OR (Status <> 'PENDING' AND EndedAt IS NOT NULL AND LeaseOwner IS NULL))
);
GO

-- What waits to be sent.
CREATE INDEX IX_Alert_Pending ON eval.Alert (DueAt) WHERE Status = 'PENDING';
GO

-- What was said last on a topic, of a tenant or of the server.
CREATE INDEX IX_Alert_Topic ON eval.Alert (Topic, TenantId, Id);
GO

-- The alert that still gathers events, and when one was last let through.
CREATE INDEX IX_Alert_Taken ON eval.Alert (Topic, TenantId, TakenAt);
GO

-- A tenant's alerts, newest first.
CREATE INDEX IX_Alert_Tenant ON eval.Alert (TenantId, Id);
GO

-- Ended alerts by age, to be forgotten; and those given up lately.
CREATE INDEX IX_Alert_Ended ON eval.Alert (EndedAt) WHERE EndedAt IS NOT NULL;
GO
