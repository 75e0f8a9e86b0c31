-- Schedules: when a suite is run for the newest version of an agent. Cron's times of day are those of TimeZone, an IANA id.
-- DueAfter: due moments after this one are still to come; it moves on with each, so that each makes one run at most.
-- LastRunId: no key to it, for the run may be in the archive or purged.
CREATE TABLE RunSchedule (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NOT NULL,
    SuiteId INTEGER NOT NULL,
    AgentName TEXT NOT NULL,
    Cron TEXT NOT NULL,
    TimeZone TEXT NOT NULL,
    Priority INTEGER NOT NULL,
    IsPaused INTEGER NOT NULL DEFAULT 0 CHECK (IsPaused IN (0, 1)),
    Revision INTEGER NOT NULL DEFAULT 1,
    DueAfter INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CreatedBy TEXT NOT NULL,
    LastDueAt INTEGER NULL,
    LastFiredAt INTEGER NULL,
    LastOutcome TEXT NULL,
    LastRunId INTEGER NULL,
    LastReason TEXT NULL,
    CONSTRAINT FK_RunSchedule_Suite FOREIGN KEY (SuiteId) REFERENCES EvaluationSuite (Id),
    CONSTRAINT FK_RunSchedule_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_RunSchedule_LastOutcome CHECK (LastOutcome IN ('CREATED', 'SKIPPED', 'MISSED', 'FAILED'))
) STRICT;

CREATE INDEX IX_RunSchedule_Tenant ON RunSchedule (TenantId, Id);
CREATE INDEX IX_RunSchedule_Suite ON RunSchedule (SuiteId, Id);

-- Recurring jobs that people have paused or resumed; one that nobody ever did has no row. At: since when it is so.
CREATE TABLE JobPause (
    JobId TEXT NOT NULL CONSTRAINT PK_JobPause PRIMARY KEY,
    IsPaused INTEGER NOT NULL CHECK (IsPaused IN (0, 1)),
    Reason TEXT NULL,
    Actor TEXT NOT NULL,
    At INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
) STRICT;
