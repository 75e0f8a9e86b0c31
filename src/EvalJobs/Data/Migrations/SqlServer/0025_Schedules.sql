-- Schedules: when a suite is run for the newest version of an agent. Cron's times of day are those of TimeZone, an IANA id.
-- DueAfter: due moments after this one are still to come; it moves on with each, so that each makes one run at most.
-- LastRunId: no key to it, for the run may be in the archive or purged.
CREATE TABLE eval.RunSchedule (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_RunSchedule PRIMARY KEY,
    TenantId bigint NOT NULL,
    SuiteId bigint NOT NULL,
    AgentName nvarchar(200) COLLATE Latin1_General_BIN2 NOT NULL,
    Cron nvarchar(100) NOT NULL,
    TimeZone nvarchar(64) NOT NULL,
    Priority int NOT NULL,
    IsPaused bit NOT NULL CONSTRAINT DF_RunSchedule_IsPaused DEFAULT 0,
    Revision int NOT NULL CONSTRAINT DF_RunSchedule_Revision DEFAULT 1,
    DueAfter datetime2(3) NOT NULL CONSTRAINT DF_RunSchedule_DueAfter DEFAULT SYSUTCDATETIME(),
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_RunSchedule_CreatedAt DEFAULT SYSUTCDATETIME(),
    CreatedBy nvarchar(200) NOT NULL,
    LastDueAt datetime2(3) NULL,
    LastFiredAt datetime2(3) NULL,
    LastOutcome varchar(20) NULL,
    LastRunId bigint NULL,
    LastReason nvarchar(1000) NULL,
    CONSTRAINT FK_RunSchedule_Suite FOREIGN KEY (SuiteId) REFERENCES eval.EvaluationSuite (Id),
    CONSTRAINT FK_RunSchedule_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_RunSchedule_LastOutcome CHECK (LastOutcome IN ('CREATED', 'SKIPPED', 'MISSED', 'FAILED'))
);
GO

CREATE INDEX IX_RunSchedule_Tenant ON eval.RunSchedule (TenantId, Id);
GO

CREATE INDEX IX_RunSchedule_Suite ON eval.RunSchedule (SuiteId, Id);
GO

-- Recurring jobs that people have paused or resumed; one that nobody ever did has no row. At: since when it is so.
CREATE TABLE eval.JobPause (
    JobId nvarchar(100) NOT NULL CONSTRAINT PK_JobPause PRIMARY KEY,
    IsPaused bit NOT NULL,
    Reason nvarchar(1000) NULL,
    Actor nvarchar(200) NOT NULL,
    At datetime2(3) NOT NULL CONSTRAINT DF_JobPause_At DEFAULT SYSUTCDATETIME()
);
GO
