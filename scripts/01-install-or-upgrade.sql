-- Purpose:    Creates the tables of EvalJobs (schema eval) in this database, or upgrades those of an older version. It does the same as EvalJobs.Server migrate.
--             Generated from the program's migrations by EvalJobs.Server migrate --script data: change the migrations, not this file.
--             It does not contain Hangfire's tables: EvalJobs.Server migrate --script hangfire prints Hangfire's own script.
-- Parameters: @Apply  1 changes; 0 shows which migrations are missing
-- Changes:    tables and indexes of the schema eval; dbo.EvalJobsSchemaVersions lists the migrations that have run. All in one transaction, under the lock of
--             migrate, so that nothing is created in part or twice. Needs a login that may change the schema (db_owner). Stop the servers first:
--             tables are locked until it ends. No audit record, because the table of audit records may not exist yet.
-- Undo:       restore the previous backup
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @Apply bit = 0;

DECLARE @Migration TABLE (ScriptName nvarchar(255) NOT NULL PRIMARY KEY);
DECLARE @Before TABLE (ScriptName nvarchar(255) NOT NULL);
DECLARE @Lock int;

INSERT INTO @Migration (ScriptName)
VALUES (N'0001_Initial'), (N'0002_ThresholdsAndPools'), (N'0003_Alerts'), (N'0004_Dashboard'), (N'0005_Retention'), (N'0006_TenantDeletion'), (N'0007_SuitesAndVersions'), (N'0008_LatelyDue'), (N'0010_DeathsAndFailedAttempts'), (N'0012_PromotionGate'), (N'0015_SignOuts'), (N'0016_GenomeText'), (N'0017_CutReplies'), (N'0018_EndpointOutages'), (N'0019_Certificates'), (N'0020_AskAgain'), (N'0021_SchemaOwner'), (N'0022_ApiKeys'), (N'0023_DatabaseMarker'), (N'0024_FailuresHandled'), (N'0025_Schedules'), (N'0026_VoidRuns');

BEGIN TRY
    BEGIN TRANSACTION;

    EXEC @Lock = sp_getapplock @Resource = N'EvalJobs.Migrate', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 120000;
    IF @Lock < 0
        THROW 50000, N'Another migration has held the lock for too long. Try again when it has ended.', 1;

    IF OBJECT_ID(N'dbo.EvalJobsSchemaVersions') IS NOT NULL
        INSERT INTO @Before (ScriptName) SELECT j.ScriptName FROM dbo.EvalJobsSchemaVersions j;

    IF EXISTS (SELECT 1 FROM @Before b WHERE NOT EXISTS (SELECT 1 FROM @Migration m WHERE m.ScriptName = b.ScriptName))
        THROW 50000, N'A newer EvalJobs has migrated this database: use the script of that version.', 1;

    IF @Apply = 1 AND OBJECT_ID(N'dbo.EvalJobsSchemaVersions') IS NULL
        CREATE TABLE dbo.EvalJobsSchemaVersions (
            Id int IDENTITY(1, 1) NOT NULL CONSTRAINT PK_EvalJobsSchemaVersions_Id PRIMARY KEY,
            ScriptName nvarchar(255) NOT NULL,
            Applied datetime NOT NULL
        );

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0001_Initial')
    BEGIN
        EXEC (N'-- The whole first schema. Times are UTC; words such as ''PENDING'' are stored as read. The runtime login needs no right to change any of this.
IF SCHEMA_ID(N''eval'') IS NULL
    EXEC (N''CREATE SCHEMA eval AUTHORIZATION dbo'');');
        EXEC (N'-- Customers, kept apart from each other.
CREATE TABLE eval.Tenant (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Tenant PRIMARY KEY,
    Slug nvarchar(63) NOT NULL,
    Name nvarchar(200) NOT NULL,
    IsPaused bit NOT NULL CONSTRAINT DF_Tenant_IsPaused DEFAULT 0,
    BatchLimit int NULL,
    PendingWarningThreshold int NULL,
    WorkerPool nvarchar(50) NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_Tenant_CreatedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT UQ_Tenant_Slug UNIQUE (Slug),
    CONSTRAINT CK_Tenant_BatchLimit CHECK (BatchLimit BETWEEN 1 AND 1000),
    CONSTRAINT CK_Tenant_PendingWarningThreshold CHECK (PendingWarningThreshold >= 0)
);');
        EXEC (N'-- Versions of agents. Genome is write-once canonical JSON; GenomeHash is its SHA-256.
CREATE TABLE eval.AgentVersion (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_AgentVersion PRIMARY KEY,
    TenantId bigint NOT NULL,
    AgentName nvarchar(200) NOT NULL,
    VersionLabel nvarchar(100) NOT NULL,
    Genome nvarchar(max) NOT NULL,
    GenomeHash char(64) NOT NULL,
    LifecycleState varchar(20) NOT NULL,
    EvalStatus varchar(20) NOT NULL,
    ParentVersionId bigint NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_AgentVersion_CreatedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT UQ_AgentVersion_Label UNIQUE (TenantId, AgentName, VersionLabel),
    CONSTRAINT FK_AgentVersion_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_AgentVersion_Parent FOREIGN KEY (ParentVersionId) REFERENCES eval.AgentVersion (Id),
    CONSTRAINT CK_AgentVersion_LifecycleState CHECK (LifecycleState IN (''DRAFT'', ''TESTING'', ''CANDIDATE'', ''APPROVED'', ''DEPRECATED'', ''RETIRED'')),
    CONSTRAINT CK_AgentVersion_EvalStatus CHECK (EvalStatus IN (''NOT_RUN'', ''RUNNING'', ''PASS'', ''FAIL''))
);');
        EXEC (N'-- Sets of test cases. Revision counts up with every edit; the cases of old revisions stay.
CREATE TABLE eval.EvaluationSuite (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_EvaluationSuite PRIMARY KEY,
    TenantId bigint NOT NULL,
    Name nvarchar(200) NOT NULL,
    Description nvarchar(max) NOT NULL,
    Revision int NOT NULL,
    PassThreshold float NOT NULL,
    IsDefault bit NOT NULL CONSTRAINT DF_EvaluationSuite_IsDefault DEFAULT 0,
    Tags nvarchar(max) NOT NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_EvaluationSuite_CreatedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT UQ_EvaluationSuite_Name UNIQUE (TenantId, Name),
    CONSTRAINT FK_EvaluationSuite_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_EvaluationSuite_PassThreshold CHECK (PassThreshold BETWEEN 0 AND 1)
);');
        EXEC (N'-- The questions of one suite revision and how the answers are judged.
CREATE TABLE eval.TestCase (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_TestCase PRIMARY KEY,
    SuiteId bigint NOT NULL,
    Revision int NOT NULL,
    Ordinal int NOT NULL,
    CaseKey nvarchar(200) COLLATE Latin1_General_BIN2 NOT NULL,
    Name nvarchar(400) NOT NULL,
    Input nvarchar(max) NOT NULL,
    ExpectedOutput nvarchar(max) NULL,
    Scoring nvarchar(max) NOT NULL,
    Weight float NOT NULL,
    CONSTRAINT UQ_TestCase_Ordinal UNIQUE (SuiteId, Revision, Ordinal),
    CONSTRAINT UQ_TestCase_CaseKey UNIQUE (SuiteId, Revision, CaseKey),
    CONSTRAINT FK_TestCase_Suite FOREIGN KEY (SuiteId) REFERENCES eval.EvaluationSuite (Id),
    CONSTRAINT CK_TestCase_Weight CHECK (Weight > 0)
);');
        EXEC (N'-- One tick: what it rescued and whom it queued.
CREATE TABLE eval.Dispatch (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Dispatch PRIMARY KEY,
    [Trigger] varchar(20) NOT NULL,
    StartedAt datetime2(3) NOT NULL CONSTRAINT DF_Dispatch_StartedAt DEFAULT SYSUTCDATETIME(),
    FinishedAt datetime2(3) NULL,
    RequeuedCount int NOT NULL CONSTRAINT DF_Dispatch_RequeuedCount DEFAULT 0,
    ExhaustedCount int NOT NULL CONSTRAINT DF_Dispatch_ExhaustedCount DEFAULT 0,
    AbandonedBatchCount int NOT NULL CONSTRAINT DF_Dispatch_AbandonedBatchCount DEFAULT 0,
    TenantCount int NOT NULL CONSTRAINT DF_Dispatch_TenantCount DEFAULT 0,
    QueuedBatchCount int NOT NULL CONSTRAINT DF_Dispatch_QueuedBatchCount DEFAULT 0,
    CONSTRAINT CK_Dispatch_Trigger CHECK ([Trigger] IN (''RECURRING'', ''MANUAL''))
);');
        EXEC (N'-- One child job: a tenant''s turn at the workers.
CREATE TABLE eval.TenantBatch (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_TenantBatch PRIMARY KEY,
    DispatchId bigint NULL,
    TenantId bigint NOT NULL,
    Status varchar(20) NOT NULL,
    HangfireJobId nvarchar(100) NULL,
    LeaseOwner nvarchar(200) NULL,
    LeaseUntil datetime2(3) NOT NULL,
    QueuedAt datetime2(3) NOT NULL CONSTRAINT DF_TenantBatch_QueuedAt DEFAULT SYSUTCDATETIME(),
    StartedAt datetime2(3) NULL,
    FinishedAt datetime2(3) NULL,
    ClaimedCount int NOT NULL CONSTRAINT DF_TenantBatch_ClaimedCount DEFAULT 0,
    CompletedCount int NOT NULL CONSTRAINT DF_TenantBatch_CompletedCount DEFAULT 0,
    FailedCount int NOT NULL CONSTRAINT DF_TenantBatch_FailedCount DEFAULT 0,
    ReleasedCount int NOT NULL CONSTRAINT DF_TenantBatch_ReleasedCount DEFAULT 0,
    Error nvarchar(max) NULL,
    CONSTRAINT FK_TenantBatch_Dispatch FOREIGN KEY (DispatchId) REFERENCES eval.Dispatch (Id),
    CONSTRAINT FK_TenantBatch_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_TenantBatch_Status CHECK (Status IN (''QUEUED'', ''RUNNING'', ''COMPLETED'', ''FAILED'', ''ABANDONED''))
);');
        EXEC (N'-- One suite revision put to one version. The states are drawn in docs/develop/run-states.md.
CREATE TABLE eval.EvaluationRun (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_EvaluationRun PRIMARY KEY,
    TenantId bigint NOT NULL,
    SuiteId bigint NOT NULL,
    SuiteRevision int NOT NULL,
    VersionId bigint NOT NULL,
    Status varchar(20) NOT NULL,
    Priority int NOT NULL CONSTRAINT DF_EvaluationRun_Priority DEFAULT 0,
    DueAt datetime2(3) NOT NULL CONSTRAINT DF_EvaluationRun_DueAt DEFAULT SYSUTCDATETIME(),
    Attempt int NOT NULL CONSTRAINT DF_EvaluationRun_Attempt DEFAULT 0,
    LeaseOwner nvarchar(200) NULL,
    LeaseUntil datetime2(3) NULL,
    PreviousEvalStatus varchar(20) NOT NULL,
    [Trigger] varchar(20) NOT NULL,
    TenantBatchId bigint NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_EvaluationRun_CreatedAt DEFAULT SYSUTCDATETIME(),
    StartedAt datetime2(3) NULL,
    CompletedAt datetime2(3) NULL,
    PassRate float NULL,
    OverallScore float NULL,
    CaseCount int NOT NULL CONSTRAINT DF_EvaluationRun_CaseCount DEFAULT 0,
    PassedCount int NOT NULL CONSTRAINT DF_EvaluationRun_PassedCount DEFAULT 0,
    FailedCount int NOT NULL CONSTRAINT DF_EvaluationRun_FailedCount DEFAULT 0,
    ErroredCount int NOT NULL CONSTRAINT DF_EvaluationRun_ErroredCount DEFAULT 0,
    UnscoredCount int NOT NULL CONSTRAINT DF_EvaluationRun_UnscoredCount DEFAULT 0,
    InputTokens bigint NULL,
    OutputTokens bigint NULL,
    Cost float NULL,
    Error nvarchar(max) NULL,
    CONSTRAINT FK_EvaluationRun_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_EvaluationRun_Suite FOREIGN KEY (SuiteId) REFERENCES eval.EvaluationSuite (Id),
    CONSTRAINT FK_EvaluationRun_Version FOREIGN KEY (VersionId) REFERENCES eval.AgentVersion (Id),
    CONSTRAINT CK_EvaluationRun_Status CHECK (Status IN (''PENDING'', ''RUNNING'', ''COMPLETED'', ''FAILED'', ''CANCELLED'')),
    CONSTRAINT CK_EvaluationRun_PreviousEvalStatus CHECK (PreviousEvalStatus IN (''NOT_RUN'', ''RUNNING'', ''PASS'', ''FAIL'')),
    CONSTRAINT CK_EvaluationRun_Trigger CHECK ([Trigger] IN (''TRANSITION'', ''MANUAL'', ''RETRY'')),
    -- A running run always says who holds it and until when; nobody holds any other.
    CONSTRAINT CK_EvaluationRun_Lease CHECK ((Status = ''RUNNING'' AND LeaseOwner IS NOT NULL AND LeaseUntil IS NOT NULL) OR (Status <> ''RUNNING'' AND LeaseOwner IS NULL AND LeaseUntil IS NULL))
);');
        EXEC (N'-- What came of one case in one run; at most one row each.
CREATE TABLE eval.TestCaseResult (
    RunId bigint NOT NULL,
    TestCaseId bigint NOT NULL,
    Verdict varchar(20) NOT NULL,
    Score float NULL,
    Output nvarchar(max) NULL,
    Error nvarchar(max) NULL,
    DurationMs bigint NOT NULL,
    InputTokens bigint NULL,
    OutputTokens bigint NULL,
    Cost float NULL,
    CONSTRAINT PK_TestCaseResult PRIMARY KEY (RunId, TestCaseId),
    CONSTRAINT FK_TestCaseResult_Run FOREIGN KEY (RunId) REFERENCES eval.EvaluationRun (Id),
    CONSTRAINT FK_TestCaseResult_TestCase FOREIGN KEY (TestCaseId) REFERENCES eval.TestCase (Id),
    CONSTRAINT CK_TestCaseResult_Verdict CHECK (Verdict IN (''PASSED'', ''FAILED'', ''ERRORED'', ''UNSCORED''))
);');
        EXEC (N'-- Append-only audit trail. No foreign keys: it outlives what it tells of.
CREATE TABLE eval.ChangeRecord (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_ChangeRecord PRIMARY KEY,
    TenantId bigint NULL,
    Type nvarchar(50) NOT NULL,
    TargetEntity nvarchar(50) NOT NULL,
    TargetId bigint NOT NULL,
    Actor nvarchar(200) NOT NULL,
    Payload nvarchar(max) NOT NULL,
    At datetime2(3) NOT NULL CONSTRAINT DF_ChangeRecord_At DEFAULT SYSUTCDATETIME()
);');
        EXEC (N'-- The latest health check of each tenant.
CREATE TABLE eval.TenantHealth (
    TenantId bigint NOT NULL CONSTRAINT PK_TenantHealth PRIMARY KEY,
    Status varchar(20) NOT NULL,
    Since datetime2(3) NOT NULL,
    Reasons nvarchar(max) NOT NULL,
    PendingCount int NOT NULL,
    RunningCount int NOT NULL,
    ExpiredLeaseCount int NOT NULL,
    OldestPendingAgeMs bigint NULL,
    CheckedAt datetime2(3) NOT NULL,
    CONSTRAINT FK_TenantHealth_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_TenantHealth_Status CHECK (Status IN (''HEALTHY'', ''WARNING''))
);');
        EXEC (N'-- Ended runs past retention. Same columns, same ids, no foreign keys.
CREATE TABLE eval.EvaluationRunArchive (
    Id bigint NOT NULL CONSTRAINT PK_EvaluationRunArchive PRIMARY KEY,
    TenantId bigint NOT NULL,
    SuiteId bigint NOT NULL,
    SuiteRevision int NOT NULL,
    VersionId bigint NOT NULL,
    Status varchar(20) NOT NULL,
    Priority int NOT NULL,
    DueAt datetime2(3) NOT NULL,
    Attempt int NOT NULL,
    LeaseOwner nvarchar(200) NULL,
    LeaseUntil datetime2(3) NULL,
    PreviousEvalStatus varchar(20) NOT NULL,
    [Trigger] varchar(20) NOT NULL,
    TenantBatchId bigint NULL,
    CreatedAt datetime2(3) NOT NULL,
    StartedAt datetime2(3) NULL,
    CompletedAt datetime2(3) NULL,
    PassRate float NULL,
    OverallScore float NULL,
    CaseCount int NOT NULL,
    PassedCount int NOT NULL,
    FailedCount int NOT NULL,
    ErroredCount int NOT NULL,
    UnscoredCount int NOT NULL,
    InputTokens bigint NULL,
    OutputTokens bigint NULL,
    Cost float NULL,
    Error nvarchar(max) NULL,
    ArchivedAt datetime2(3) NOT NULL CONSTRAINT DF_EvaluationRunArchive_ArchivedAt DEFAULT SYSUTCDATETIME()
);');
        EXEC (N'-- Their results.
CREATE TABLE eval.TestCaseResultArchive (
    RunId bigint NOT NULL,
    TestCaseId bigint NOT NULL,
    Verdict varchar(20) NOT NULL,
    Score float NULL,
    Output nvarchar(max) NULL,
    Error nvarchar(max) NULL,
    DurationMs bigint NOT NULL,
    InputTokens bigint NULL,
    OutputTokens bigint NULL,
    Cost float NULL,
    CONSTRAINT PK_TestCaseResultArchive PRIMARY KEY (RunId, TestCaseId)
);');
        EXEC (N'-- Pending work in the order it is claimed; holds pending runs only, so a tick never pays for history.
CREATE INDEX IX_EvaluationRun_Pending ON eval.EvaluationRun (TenantId, Priority DESC, DueAt, Id) WHERE Status = ''PENDING'';');
        EXEC (N'-- Leases to renew and to rescue.
CREATE INDEX IX_EvaluationRun_Lease ON eval.EvaluationRun (LeaseUntil, TenantId) WHERE Status = ''RUNNING'';');
        EXEC (N'-- At most one pending or running run per version.
CREATE UNIQUE INDEX UX_EvaluationRun_LiveVersion ON eval.EvaluationRun (VersionId) WHERE Status IN (''PENDING'', ''RUNNING'');');
        EXEC (N'-- Ended runs by age, for the archive and for what happened lately.
CREATE INDEX IX_EvaluationRun_Ended ON eval.EvaluationRun (CompletedAt, Id) WHERE CompletedAt IS NOT NULL;');
        EXEC (N'-- A tenant''s runs, newest first.
CREATE INDEX IX_EvaluationRun_Tenant ON eval.EvaluationRun (TenantId, Id);');
        EXEC (N'-- A version''s runs, newest first.
CREATE INDEX IX_EvaluationRun_Version ON eval.EvaluationRun (VersionId, Id);');
        EXEC (N'-- A suite''s runs, newest first.
CREATE INDEX IX_EvaluationRun_Suite ON eval.EvaluationRun (SuiteId, Id);');
        EXEC (N'-- One live batch per tenant: overlapping ticks, double triggers and restarts cannot give a tenant two.
CREATE UNIQUE INDEX UX_TenantBatch_Live ON eval.TenantBatch (TenantId) WHERE Status IN (''QUEUED'', ''RUNNING'');');
        EXEC (N'-- Live batches by lease.
CREATE INDEX IX_TenantBatch_Lease ON eval.TenantBatch (LeaseUntil) WHERE Status IN (''QUEUED'', ''RUNNING'');');
        EXEC (N'-- When a tenant was last served.
CREATE INDEX IX_TenantBatch_Tenant ON eval.TenantBatch (TenantId, Id);');
        EXEC (N'-- The batches of a dispatch.
CREATE INDEX IX_TenantBatch_Dispatch ON eval.TenantBatch (DispatchId);');
        EXEC (N'-- One default suite per tenant.
CREATE UNIQUE INDEX UX_EvaluationSuite_Default ON eval.EvaluationSuite (TenantId) WHERE IsDefault = 1;');
        EXEC (N'-- The trail of one tenant, newest first.
CREATE INDEX IX_ChangeRecord_Tenant ON eval.ChangeRecord (TenantId, Id);');
        EXEC (N'-- The trail of one thing, newest first.
CREATE INDEX IX_ChangeRecord_Target ON eval.ChangeRecord (TargetEntity, TargetId, Id);');
        EXEC (N'-- A tenant''s archived runs, newest first.
CREATE INDEX IX_EvaluationRunArchive_Tenant ON eval.EvaluationRunArchive (TenantId, Id);');
        EXEC (N'-- Archived runs by age, for the purge.
CREATE INDEX IX_EvaluationRunArchive_Ended ON eval.EvaluationRunArchive (CompletedAt, Id);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0001_Initial', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0002_ThresholdsAndPools')
    BEGIN
        EXEC (N'-- A run is judged by the threshold its suite had when the run was created, whatever becomes of the suite.
ALTER TABLE eval.EvaluationRun ADD PassThreshold float NOT NULL CONSTRAINT DF_EvaluationRun_PassThreshold DEFAULT 0.8;
ALTER TABLE eval.EvaluationRunArchive ADD PassThreshold float NOT NULL CONSTRAINT DF_EvaluationRunArchive_PassThreshold DEFAULT 0.8;');
        EXEC (N'UPDATE r
SET PassThreshold = s.PassThreshold
FROM eval.EvaluationRun r
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId;

UPDATE r
SET PassThreshold = s.PassThreshold
FROM eval.EvaluationRunArchive r
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId;');
        EXEC (N'ALTER TABLE eval.EvaluationRun ADD CONSTRAINT CK_EvaluationRun_PassThreshold CHECK (PassThreshold BETWEEN 0 AND 1);');
        EXEC (N'-- The pool a batch was queued in; null means the common one. A tenant moved to another pool meanwhile gets a new batch there.
ALTER TABLE eval.TenantBatch ADD WorkerPool nvarchar(50) NULL;');
        EXEC (N'-- Which processes work which pools. A row whose lease has lapsed is of a process that vanished.
CREATE TABLE eval.WorkerServer (
    Owner nvarchar(200) NOT NULL,
    Pool nvarchar(50) NOT NULL,
    WorkerCount int NOT NULL,
    StartedAt datetime2(3) NOT NULL CONSTRAINT DF_WorkerServer_StartedAt DEFAULT SYSUTCDATETIME(),
    LeaseUntil datetime2(3) NOT NULL,
    CONSTRAINT PK_WorkerServer PRIMARY KEY (Owner, Pool),
    CONSTRAINT CK_WorkerServer_WorkerCount CHECK (WorkerCount > 0)
);');
        EXEC (N'-- Running runs by tenant with their leases: counted for the health check and searched for lapsed ones without reading history.
DROP INDEX IX_EvaluationRun_Lease ON eval.EvaluationRun;
CREATE INDEX IX_EvaluationRun_Running ON eval.EvaluationRun (TenantId, LeaseUntil) WHERE Status = ''RUNNING'';');
        EXEC (N'-- The tenant''s pending run that has waited longest, whatever its priority.
CREATE INDEX IX_EvaluationRun_PendingByAge ON eval.EvaluationRun (TenantId, DueAt, Id) WHERE Status = ''PENDING'';');
        EXEC (N'-- Names are compared as the program compares them: to the letter. By the server''s own collation ''Smoke'' would be ''smoke'',
-- and an import under another spelling would revise a suite it never named.
ALTER TABLE eval.Tenant DROP CONSTRAINT UQ_Tenant_Slug;
ALTER TABLE eval.AgentVersion DROP CONSTRAINT UQ_AgentVersion_Label;
ALTER TABLE eval.EvaluationSuite DROP CONSTRAINT UQ_EvaluationSuite_Name;');
        EXEC (N'ALTER TABLE eval.Tenant ALTER COLUMN Slug nvarchar(63) COLLATE Latin1_General_BIN2 NOT NULL;
ALTER TABLE eval.AgentVersion ALTER COLUMN AgentName nvarchar(200) COLLATE Latin1_General_BIN2 NOT NULL;
ALTER TABLE eval.AgentVersion ALTER COLUMN VersionLabel nvarchar(100) COLLATE Latin1_General_BIN2 NOT NULL;
ALTER TABLE eval.EvaluationSuite ALTER COLUMN Name nvarchar(200) COLLATE Latin1_General_BIN2 NOT NULL;');
        EXEC (N'ALTER TABLE eval.Tenant ADD CONSTRAINT UQ_Tenant_Slug UNIQUE (Slug);
ALTER TABLE eval.AgentVersion ADD CONSTRAINT UQ_AgentVersion_Label UNIQUE (TenantId, AgentName, VersionLabel);
ALTER TABLE eval.EvaluationSuite ADD CONSTRAINT UQ_EvaluationSuite_Name UNIQUE (TenantId, Name);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0002_ThresholdsAndPools', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0003_Alerts')
    BEGIN
        EXEC (N'-- The outbox of alerts: written in the transaction of the change that causes them, sent later, at least once.
-- Its rows are also the memory of what was said: the last HEALTH alert of a tenant, the last TICK alert.
CREATE TABLE eval.Alert (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_Alert PRIMARY KEY,
    TenantId bigint NULL,
    Topic varchar(20) NOT NULL,
    Phase varchar(20) NOT NULL,
    Text nvarchar(max) NOT NULL,
    [Count] int NOT NULL CONSTRAINT DF_Alert_Count DEFAULT 1,
    Status varchar(20) NOT NULL CONSTRAINT DF_Alert_Status DEFAULT ''PENDING'',
    DueAt datetime2(3) NOT NULL CONSTRAINT DF_Alert_DueAt DEFAULT SYSUTCDATETIME(),
    Attempt int NOT NULL CONSTRAINT DF_Alert_Attempt DEFAULT 0,
    LeaseOwner nvarchar(200) NULL,
    LeaseUntil datetime2(3) NULL,
    SentTo nvarchar(max) NOT NULL CONSTRAINT DF_Alert_SentTo DEFAULT N''[]'',
    LastError nvarchar(max) NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_Alert_CreatedAt DEFAULT SYSUTCDATETIME(),
    RaisedAt datetime2(3) NOT NULL CONSTRAINT DF_Alert_RaisedAt DEFAULT SYSUTCDATETIME(),
    TakenAt datetime2(3) NULL,
    EndedAt datetime2(3) NULL,
    CONSTRAINT FK_Alert_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_Alert_Topic CHECK (Topic IN (''HEALTH'', ''TICK'', ''FAILURE'')),
    CONSTRAINT CK_Alert_Phase CHECK (Phase IN (''RAISED'', ''REMINDER'', ''CLEARED'')),
    CONSTRAINT CK_Alert_Status CHECK (Status IN (''PENDING'', ''SENT'', ''FAILED'')),
    CONSTRAINT CK_Alert_Ended CHECK ((Status = ''PENDING'' AND EndedAt IS NULL) OR (Status <> ''PENDING'' AND EndedAt IS NOT NULL AND LeaseOwner IS NULL))
);');
        EXEC (N'-- What waits to be sent.
CREATE INDEX IX_Alert_Pending ON eval.Alert (DueAt) WHERE Status = ''PENDING'';');
        EXEC (N'-- What was said last on a topic, of a tenant or of the server.
CREATE INDEX IX_Alert_Topic ON eval.Alert (Topic, TenantId, Id);');
        EXEC (N'-- The alert that still gathers events, and when one was last let through.
CREATE INDEX IX_Alert_Taken ON eval.Alert (Topic, TenantId, TakenAt);');
        EXEC (N'-- A tenant''s alerts, newest first.
CREATE INDEX IX_Alert_Tenant ON eval.Alert (TenantId, Id);');
        EXEC (N'-- Ended alerts by age, to be forgotten; and those given up lately.
CREATE INDEX IX_Alert_Ended ON eval.Alert (EndedAt) WHERE EndedAt IS NOT NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0003_Alerts', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0004_Dashboard')
    BEGIN
        EXEC (N'-- What the dashboard''s lists and figures are read by. Ids follow creation, so "newest first" is by id throughout.

-- Ended runs by age, with all the figures of the last 24 hours need: the rows themselves are not read. Takes the place of its narrower forerunner.
DROP INDEX IX_EvaluationRun_Ended ON eval.EvaluationRun;');
        EXEC (N'CREATE INDEX IX_EvaluationRun_Ended ON eval.EvaluationRun (CompletedAt, Id, TenantId, Status, PassedCount, CaseCount) WHERE CompletedAt IS NOT NULL;');
        EXEC (N'-- Runs by creation: how many came lately, and which id stands at a moment.
CREATE INDEX IX_EvaluationRun_Created ON eval.EvaluationRun (CreatedAt, TenantId);');
        EXEC (N'-- A state''s runs, newest first.
CREATE INDEX IX_EvaluationRun_Status ON eval.EvaluationRun (Status, Id);');
        EXEC (N'-- A tenant''s runs in one state, newest first.
CREATE INDEX IX_EvaluationRun_TenantStatus ON eval.EvaluationRun (TenantId, Status, Id);');
        EXEC (N'-- The runs a batch claimed.
CREATE INDEX IX_EvaluationRun_Batch ON eval.EvaluationRun (TenantBatchId, Id) WHERE TenantBatchId IS NOT NULL;');
        EXEC (N'-- The same for archived runs.
CREATE INDEX IX_EvaluationRunArchive_Created ON eval.EvaluationRunArchive (CreatedAt, Id);');
        EXEC (N'CREATE INDEX IX_EvaluationRunArchive_Status ON eval.EvaluationRunArchive (Status, Id);');
        EXEC (N'CREATE INDEX IX_EvaluationRunArchive_TenantStatus ON eval.EvaluationRunArchive (TenantId, Status, Id);');
        EXEC (N'CREATE INDEX IX_EvaluationRunArchive_Version ON eval.EvaluationRunArchive (VersionId, Id);');
        EXEC (N'CREATE INDEX IX_EvaluationRunArchive_Suite ON eval.EvaluationRunArchive (SuiteId, Id);');
        EXEC (N'CREATE INDEX IX_EvaluationRunArchive_Batch ON eval.EvaluationRunArchive (TenantBatchId, Id) WHERE TenantBatchId IS NOT NULL;');
        EXEC (N'-- What one person did, newest first.
CREATE INDEX IX_ChangeRecord_Actor ON eval.ChangeRecord (Actor, Id);');
        EXEC (N'-- Which record stands at a moment.
CREATE INDEX IX_ChangeRecord_At ON eval.ChangeRecord (At, Id);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0004_Dashboard', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0005_Retention')
    BEGIN
        EXEC (N'-- When an ended run came back from the archive; it then stays among the live ones for another Retention:Days.
ALTER TABLE eval.EvaluationRun ADD RestoredAt datetime2(3) NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0005_Retention', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0006_TenantDeletion')
    BEGIN
        EXEC (N'-- What deleting a tenant looks up to be sure that nothing points to what it deletes: without these, every result, or every version,
-- would be read for each case and each version deleted.
CREATE INDEX IX_TestCaseResult_TestCase ON eval.TestCaseResult (TestCaseId);
CREATE INDEX IX_AgentVersion_Parent ON eval.AgentVersion (ParentVersionId);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0006_TenantDeletion', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0007_SuitesAndVersions')
    BEGIN
        EXEC (N'-- What the pages of suites and versions are read by; versions derived from one are found by the index of the migration before.

-- A tenant''s suites, newest first.
CREATE INDEX IX_EvaluationSuite_Tenant ON eval.EvaluationSuite (TenantId, Id);');
        EXEC (N'-- A tenant''s versions, newest first.
CREATE INDEX IX_AgentVersion_Tenant ON eval.AgentVersion (TenantId, Id);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0007_SuitesAndVersions', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0008_LatelyDue')
    BEGIN
        EXEC (N'-- Pending work by the time it comes due: what came due lately is found without reading what has waited for long.
CREATE INDEX IX_EvaluationRun_PendingByDue ON eval.EvaluationRun (DueAt, TenantId) WHERE Status = ''PENDING'';');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0008_LatelyDue', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0010_DeathsAndFailedAttempts')
    BEGIN
        EXEC (N'-- Attempt grows with every claim: it is the fence. FailedAttempts counts those that failed by the run''s own fault. DeathCount counts the processes that
-- vanished, one after the other, while they worked the run; IsAlone says that the run is worked with no other beside it because of them;
-- RescuedFrom says whose death was counted last, so that a process that was only cut off can take it back.
ALTER TABLE eval.EvaluationRun ADD
    FailedAttempts int NOT NULL CONSTRAINT DF_EvaluationRun_FailedAttempts DEFAULT 0,
    DeathCount int NOT NULL CONSTRAINT DF_EvaluationRun_DeathCount DEFAULT 0,
    IsAlone bit NOT NULL CONSTRAINT DF_EvaluationRun_IsAlone DEFAULT 0,
    RescuedFrom nvarchar(200) NULL;
ALTER TABLE eval.EvaluationRunArchive ADD
    FailedAttempts int NOT NULL CONSTRAINT DF_EvaluationRunArchive_FailedAttempts DEFAULT 0,
    DeathCount int NOT NULL CONSTRAINT DF_EvaluationRunArchive_DeathCount DEFAULT 0;');
        EXEC (N'-- Until now Attempt counted the failed attempts and the one under way.
UPDATE eval.EvaluationRun SET FailedAttempts = CASE WHEN Status IN (''PENDING'', ''FAILED'') OR Attempt = 0 THEN Attempt ELSE Attempt - 1 END;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0010_DeathsAndFailedAttempts', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0012_PromotionGate')
    BEGIN
        EXEC (N'-- What promotion rests on: policies, what is required of a version in TESTING, and the runs that are evidence for it.

-- Cases can be found by tags, and some have to pass whatever the rate.
ALTER TABLE eval.TestCase ADD
    Tags nvarchar(max) NOT NULL CONSTRAINT DF_TestCase_Tags DEFAULT N''[]'',
    MustPass bit NOT NULL CONSTRAINT DF_TestCase_MustPass DEFAULT 0;');
        EXEC (N'-- What a tenant requires before a version is promoted; AgentName is empty for all of its agents. The newest revision holds.
CREATE TABLE eval.PromotionPolicy (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_PromotionPolicy PRIMARY KEY,
    TenantId bigint NOT NULL,
    AgentName nvarchar(200) NOT NULL,
    Revision int NOT NULL,
    Document nvarchar(max) NOT NULL,
    DocumentHash char(64) NOT NULL,
    Actor nvarchar(200) NOT NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_PromotionPolicy_CreatedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT UQ_PromotionPolicy_Revision UNIQUE (TenantId, AgentName, Revision),
    CONSTRAINT FK_PromotionPolicy_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT CK_PromotionPolicy_Revision CHECK (Revision > 0)
);');
        EXEC (N'-- What was written down when a version entered TESTING or was required again. The highest round holds.
CREATE TABLE eval.VersionGate (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_VersionGate PRIMARY KEY,
    TenantId bigint NOT NULL,
    VersionId bigint NOT NULL,
    Round int NOT NULL,
    PolicyId bigint NULL,
    Alpha float NOT NULL,
    NeedsSecondPerson bit NOT NULL,
    NeedsApprover bit NOT NULL,
    VersionCreatedBy nvarchar(200) NULL,
    Actor nvarchar(200) NOT NULL,
    CreatedAt datetime2(3) NOT NULL CONSTRAINT DF_VersionGate_CreatedAt DEFAULT SYSUTCDATETIME(),
    CONSTRAINT UQ_VersionGate_Round UNIQUE (VersionId, Round),
    CONSTRAINT FK_VersionGate_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_VersionGate_Version FOREIGN KEY (VersionId) REFERENCES eval.AgentVersion (Id),
    CONSTRAINT FK_VersionGate_Policy FOREIGN KEY (PolicyId) REFERENCES eval.PromotionPolicy (Id),
    CONSTRAINT CK_VersionGate_Alpha CHECK (Alpha > 0 AND Alpha <= 0.5)
);');
        EXEC (N'CREATE INDEX IX_VersionGate_Tenant ON eval.VersionGate (TenantId, Id);');
        EXEC (N'-- One suite revision that is required. Bound is the threshold of RATE and EVIDENCE, the margin of NOT_WORSE.
CREATE TABLE eval.VersionRequirement (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_VersionRequirement PRIMARY KEY,
    GateId bigint NOT NULL,
    TenantId bigint NOT NULL,
    VersionId bigint NOT NULL,
    Ordinal int NOT NULL,
    SuiteId bigint NOT NULL,
    SuiteRevision int NOT NULL,
    [Rule] varchar(20) NOT NULL,
    Bound float NOT NULL,
    TagBounds nvarchar(max) NOT NULL,
    MustPass nvarchar(max) NOT NULL,
    BaselineVersionId bigint NULL,
    CONSTRAINT UQ_VersionRequirement_Ordinal UNIQUE (GateId, Ordinal),
    CONSTRAINT FK_VersionRequirement_Gate FOREIGN KEY (GateId) REFERENCES eval.VersionGate (Id),
    CONSTRAINT FK_VersionRequirement_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_VersionRequirement_Version FOREIGN KEY (VersionId) REFERENCES eval.AgentVersion (Id),
    CONSTRAINT FK_VersionRequirement_Suite FOREIGN KEY (SuiteId) REFERENCES eval.EvaluationSuite (Id),
    CONSTRAINT FK_VersionRequirement_Baseline FOREIGN KEY (BaselineVersionId) REFERENCES eval.AgentVersion (Id),
    CONSTRAINT CK_VersionRequirement_Rule CHECK ([Rule] IN (''RATE'', ''EVIDENCE'', ''NOT_WORSE'')),
    CONSTRAINT CK_VersionRequirement_Bound CHECK (Bound BETWEEN 0 AND 1),
    CONSTRAINT CK_VersionRequirement_Baseline CHECK (BaselineVersionId <> VersionId)
);');
        EXEC (N'CREATE INDEX IX_VersionRequirement_Tenant ON eval.VersionRequirement (TenantId, Id);');
        EXEC (N'CREATE INDEX IX_VersionRequirement_Version ON eval.VersionRequirement (VersionId, Id);');
        EXEC (N'CREATE INDEX IX_VersionRequirement_Baseline ON eval.VersionRequirement (BaselineVersionId) WHERE BaselineVersionId IS NOT NULL;');
        EXEC (N'-- One COMPLETED run as evidence: a letter per case, by ordinal. It stays when the run goes to the archive or is purged. No key to the run for that reason.
CREATE TABLE eval.RunLook (
    RunId bigint NOT NULL CONSTRAINT PK_RunLook PRIMARY KEY,
    TenantId bigint NOT NULL,
    VersionId bigint NOT NULL,
    SuiteId bigint NOT NULL,
    SuiteRevision int NOT NULL,
    Outcomes nvarchar(max) NOT NULL,
    CompletedAt datetime2(3) NOT NULL,
    VoidedAt datetime2(3) NULL,
    VoidedBy nvarchar(200) NULL,
    VoidReason nvarchar(1000) NULL,
    CONSTRAINT FK_RunLook_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_RunLook_Version FOREIGN KEY (VersionId) REFERENCES eval.AgentVersion (Id),
    CONSTRAINT CK_RunLook_Void CHECK ((VoidedAt IS NULL AND VoidedBy IS NULL AND VoidReason IS NULL) OR (VoidedAt IS NOT NULL AND VoidedBy IS NOT NULL AND VoidReason <> N''''))
);');
        EXEC (N'CREATE INDEX IX_RunLook_Version ON eval.RunLook (VersionId, SuiteId, SuiteRevision, RunId);');
        EXEC (N'CREATE INDEX IX_RunLook_Tenant ON eval.RunLook (TenantId, RunId);');
        EXEC (N'-- Several required suites may be evaluated at the same time: one live run per version and suite.
DROP INDEX UX_EvaluationRun_LiveVersion ON eval.EvaluationRun;');
        EXEC (N'CREATE UNIQUE INDEX UX_EvaluationRun_LiveVersionSuite ON eval.EvaluationRun (VersionId, SuiteId) WHERE Status IN (''PENDING'', ''RUNNING'');');
        EXEC (N'-- Versions in TESTING get the requirement that their latest transition implies: its suite at its revision, with the rule RATE at its threshold; if that
-- run was purged, the tenant''s default suite as it is now.
INSERT INTO eval.VersionGate (TenantId, VersionId, Round, Alpha, NeedsSecondPerson, NeedsApprover, VersionCreatedBy, Actor)
SELECT v.TenantId, v.Id, 1, 0.05, 0, 0,
       (SELECT MAX(h.Actor) FROM eval.ChangeRecord h WHERE h.TargetEntity = N''AgentVersion'' AND h.TargetId = v.Id AND h.Type = N''VERSION_CREATED''), N''system''
FROM eval.AgentVersion v
WHERE v.LifecycleState = ''TESTING'';');
        EXEC (N'INSERT INTO eval.VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass)
SELECT g.Id, g.TenantId, g.VersionId, 1, r.SuiteId, r.SuiteRevision, ''RATE'', r.PassThreshold, N''{}'', N''[]''
FROM eval.VersionGate g
JOIN (SELECT x.VersionId, x.SuiteId, x.SuiteRevision, x.PassThreshold, ROW_NUMBER() OVER (PARTITION BY x.VersionId ORDER BY x.Id DESC) AS Place
      FROM (SELECT Id, VersionId, SuiteId, SuiteRevision, PassThreshold FROM eval.EvaluationRun WHERE [Trigger] = ''TRANSITION''
            UNION ALL
            SELECT Id, VersionId, SuiteId, SuiteRevision, PassThreshold FROM eval.EvaluationRunArchive WHERE [Trigger] = ''TRANSITION'') x) r
  ON r.VersionId = g.VersionId AND r.Place = 1;');
        EXEC (N'INSERT INTO eval.VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass)
SELECT g.Id, g.TenantId, g.VersionId, 1, s.Id, s.Revision, ''RATE'', s.PassThreshold, N''{}'', N''[]''
FROM eval.VersionGate g
JOIN eval.EvaluationSuite s ON s.TenantId = g.TenantId AND s.IsDefault = 1 AND s.Revision > 0
WHERE NOT EXISTS (SELECT 1 FROM eval.VersionRequirement q WHERE q.GateId = g.Id);');
        EXEC (N'-- The evaluation status follows the requirement: RUNNING while a required run is live, FAIL while the latest ended one is FAILED, else by the pooled rate.
UPDATE v
SET EvalStatus = CASE
    WHEN EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.VersionId = q.VersionId AND r.SuiteId = q.SuiteId AND r.SuiteRevision = q.SuiteRevision AND r.Status IN (''PENDING'', ''RUNNING'')) THEN ''RUNNING''
    WHEN e.Ended IS NULL THEN ''NOT_RUN''
    WHEN e.LastFailed > COALESCE(e.LastCompleted, 0) THEN ''FAIL''
    WHEN e.Cases > 0 AND CAST(e.Passed AS float) / e.Cases >= q.Bound THEN ''PASS''
    ELSE ''FAIL'' END
FROM eval.AgentVersion v
JOIN eval.VersionRequirement q ON q.VersionId = v.Id
LEFT JOIN (SELECT x.VersionId, x.SuiteId, x.SuiteRevision, COUNT_BIG(*) AS Ended,
                  MAX(CASE WHEN x.Status = ''FAILED'' THEN x.Id END) AS LastFailed, MAX(CASE WHEN x.Status = ''COMPLETED'' THEN x.Id END) AS LastCompleted,
                  SUM(CASE WHEN x.Status = ''COMPLETED'' THEN CAST(x.PassedCount AS bigint) ELSE 0 END) AS Passed, SUM(CASE WHEN x.Status = ''COMPLETED'' THEN CAST(x.CaseCount AS bigint) ELSE 0 END) AS Cases
           FROM (SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM eval.EvaluationRun WHERE Status IN (''COMPLETED'', ''FAILED'')
                 UNION ALL
                 SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM eval.EvaluationRunArchive WHERE Status IN (''COMPLETED'', ''FAILED'')) x
           GROUP BY x.VersionId, x.SuiteId, x.SuiteRevision) e
  ON e.VersionId = q.VersionId AND e.SuiteId = q.SuiteId AND e.SuiteRevision = q.SuiteRevision;');
        EXEC (N'-- A run of a version of which nothing is required informs only; it does not keep the version RUNNING.
UPDATE v
SET EvalStatus = CASE WHEN r.PreviousEvalStatus = ''RUNNING'' THEN ''NOT_RUN'' ELSE r.PreviousEvalStatus END
FROM eval.AgentVersion v
JOIN eval.EvaluationRun r ON r.VersionId = v.Id AND r.Status IN (''PENDING'', ''RUNNING'')
WHERE v.EvalStatus = ''RUNNING'' AND v.LifecycleState <> ''TESTING'';');
        EXEC (N'UPDATE v
SET EvalStatus = ''NOT_RUN''
FROM eval.AgentVersion v
WHERE v.LifecycleState = ''TESTING'' AND NOT EXISTS (SELECT 1 FROM eval.VersionRequirement q WHERE q.VersionId = v.Id);');
        EXEC (N'-- What was done, in the audit trail of each version.
INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
SELECT v.TenantId, N''VERSION_REQUIRED'', N''AgentVersion'', v.Id, N''system'',
       CONCAT(N''{"round":1,"reason":"upgrade: the requirement its latest transition implies","suiteId":'', COALESCE(CAST(q.SuiteId AS nvarchar(20)), N''null''), N'',"suiteRevision":'', COALESCE(CAST(q.SuiteRevision AS nvarchar(20)), N''null''), N'',"rule":"rate","evalStatus":"'', v.EvalStatus, N''"}'')
FROM eval.AgentVersion v
JOIN eval.VersionGate g ON g.VersionId = v.Id
LEFT JOIN eval.VersionRequirement q ON q.GateId = g.Id;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0012_PromotionGate', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0015_SignOuts')
    BEGIN
        EXEC (N'-- Sessions of the dashboard that were ended before their time: a cookie that was copied before the sign-out is good for nothing.
-- No SessionId: every session of the subject that began before this row.
CREATE TABLE eval.SignOut (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_SignOut PRIMARY KEY,
    Subject nvarchar(300) NOT NULL,
    SessionId varchar(50) NULL,
    ExpiresAt datetime2(3) NOT NULL
);');
        EXEC (N'-- What still counts, and what can be forgotten.
CREATE INDEX IX_SignOut_ExpiresAt ON eval.SignOut (ExpiresAt);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0015_SignOuts', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0016_GenomeText')
    BEGIN
        EXEC (N'-- The genome as its author wrote it, and the SHA-256 of that text: the order of keys reaches the model. Genome stays canonical, as GenomeHash is of it
-- and older servers read it. Null for versions of before: they were sent in canonical order and stay so.
ALTER TABLE eval.AgentVersion ADD GenomeText nvarchar(max) NULL, GenomeTextHash char(64) NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0016_GenomeText', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0017_CutReplies')
    BEGIN
        EXEC (N'-- Replies that a length limit cut, by result and counted by run. Null for those of before: nobody looked.
ALTER TABLE eval.TestCaseResult ADD IsCut bit NULL;
ALTER TABLE eval.TestCaseResultArchive ADD IsCut bit NULL;
ALTER TABLE eval.EvaluationRun ADD CutCount int NULL;
ALTER TABLE eval.EvaluationRunArchive ADD CutCount int NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0017_CutReplies', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0018_EndpointOutages')
    BEGIN
        EXEC (N'-- An endpoint that does not answer a tenant: the tenant''s circuit breaker is open while the row is there. One row per tenant, so that nobody
-- keeps others from an endpoint by questions that it cannot answer.
CREATE TABLE eval.EndpointOutage (
    Endpoint nvarchar(300) NOT NULL,
    TenantId bigint NOT NULL CONSTRAINT FK_EndpointOutage_Tenant REFERENCES eval.Tenant (Id),
    Since datetime2(3) NOT NULL CONSTRAINT DF_EndpointOutage_Since DEFAULT SYSUTCDATETIME(),
    TriedAt datetime2(3) NOT NULL CONSTRAINT DF_EndpointOutage_TriedAt DEFAULT SYSUTCDATETIME(),
    TryCount int NOT NULL CONSTRAINT DF_EndpointOutage_TryCount DEFAULT 1,
    LastError nvarchar(max) NULL,
    CONSTRAINT PK_EndpointOutage PRIMARY KEY (Endpoint, TenantId)
);');
        EXEC (N'-- What a tenant waits for.
CREATE INDEX IX_EndpointOutage_Tenant ON eval.EndpointOutage (TenantId);');
        EXEC (N'-- Since when the latest attempts of a tenant got no answer; null when the latest got one. Such tenants share a part of a pool''s workers.
ALTER TABLE eval.Tenant ADD UnansweredSince datetime2(3) NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0018_EndpointOutages', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0019_Certificates')
    BEGIN
        EXEC (N'-- What a promotion rested on, as canonical JSON. Its SHA-256 is in the audit record of the transition (AuditRecordId); AuditHash is that of the record itself.
-- No key to the audit record: that may be forgotten in time.
CREATE TABLE eval.PromotionCertificate (
    AuditRecordId bigint NOT NULL CONSTRAINT PK_PromotionCertificate PRIMARY KEY,
    TenantId bigint NOT NULL,
    VersionId bigint NOT NULL,
    Document nvarchar(max) NOT NULL,
    AuditHash char(64) NOT NULL,
    CONSTRAINT FK_PromotionCertificate_Tenant FOREIGN KEY (TenantId) REFERENCES eval.Tenant (Id),
    CONSTRAINT FK_PromotionCertificate_Version FOREIGN KEY (VersionId) REFERENCES eval.AgentVersion (Id)
);');
        EXEC (N'CREATE INDEX IX_PromotionCertificate_Version ON eval.PromotionCertificate (VersionId, AuditRecordId);');
        EXEC (N'CREATE INDEX IX_PromotionCertificate_Tenant ON eval.PromotionCertificate (TenantId, AuditRecordId);');
        EXEC (N'-- Alerts may tell of promotion too, and carry particulars for programs.
ALTER TABLE eval.Alert ADD Data nvarchar(max) NULL;');
        EXEC (N'ALTER TABLE eval.Alert DROP CONSTRAINT CK_Alert_Topic;');
        EXEC (N'ALTER TABLE eval.Alert ADD CONSTRAINT CK_Alert_Topic CHECK (Topic IN (''HEALTH'', ''TICK'', ''FAILURE'', ''PROMOTED'', ''GATE_FAILED'', ''APPROVAL_WANTED'', ''RUN_COMPLETED''));');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0019_Certificates', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0020_AskAgain')
    BEGIN
        EXEC (N'-- Results without a verdict for a cause that another attempt may not meet: an agent or a judge that was away for a while.
ALTER TABLE eval.TestCaseResult ADD AskAgain bit NOT NULL CONSTRAINT DF_TestCaseResult_AskAgain DEFAULT 0;
ALTER TABLE eval.TestCaseResultArchive ADD AskAgain bit NOT NULL CONSTRAINT DF_TestCaseResultArchive_AskAgain DEFAULT 0;

-- The completed run whose verdicts a run keeps: it asks only the cases that had none, and takes its place as evidence when it completes.
ALTER TABLE eval.EvaluationRun ADD ContinuesRunId bigint NULL;
ALTER TABLE eval.EvaluationRunArchive ADD ContinuesRunId bigint NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0020_AskAgain', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0021_SchemaOwner')
    BEGIN
        EXEC (N'-- The schema is dbo''s, whoever ran the first migration: that user could not be dropped otherwise, and what is granted would rest on that user.
-- Where the owner changes, SQL Server drops grants on single tables; 02-grants.sql, which is run after every migration, gives them again.
IF EXISTS (SELECT 1 FROM sys.schemas s WHERE s.name = N''eval'' AND s.principal_id <> DATABASE_PRINCIPAL_ID(N''dbo''))
    ALTER AUTHORIZATION ON SCHEMA::eval TO dbo;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0021_SchemaOwner', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0022_ApiKeys')
    BEGIN
        EXEC (N'-- Keys for programs that use the HTTP API. The secret is high in entropy, so its SHA-256 is what is stored.
-- No TenantId: an admin key.
CREATE TABLE eval.ApiKey (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_ApiKey PRIMARY KEY,
    Name nvarchar(64) NOT NULL,
    TenantId bigint NULL,
    Role varchar(20) NOT NULL CONSTRAINT CK_ApiKey_Role CHECK (Role IN (''VIEWER'', ''OPERATOR'', ''APPROVER'', ''ADMIN'')),
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
    CONSTRAINT CK_ApiKey_Tenant CHECK ((Role = ''ADMIN'' AND TenantId IS NULL) OR (Role <> ''ADMIN'' AND TenantId IS NOT NULL))
);');
        EXEC (N'-- The name is the actor in the audit trail: one key at a time has it.
CREATE UNIQUE INDEX UX_ApiKey_Name ON eval.ApiKey (Name) WHERE RevokedAt IS NULL;');
        EXEC (N'CREATE INDEX IX_ApiKey_Tenant ON eval.ApiKey (TenantId, Id);');
        EXEC (N'-- Answers of the API to requests that carried an Idempotency-Key. Stored with the act itself, in one transaction.
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
);');
        EXEC (N'CREATE INDEX IX_ApiAnswer_CreatedAt ON eval.ApiAnswer (CreatedAt);');
        EXEC (N'CREATE INDEX IX_ApiAnswer_Tenant ON eval.ApiAnswer (TenantId);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0022_ApiKeys', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0023_DatabaseMarker')
    BEGIN
        EXEC (N'-- By its row each process knows the database again: one that was replaced or set back to an earlier state has not what it wrote last.
CREATE TABLE eval.DatabaseMarker (
    Owner nvarchar(200) NOT NULL CONSTRAINT PK_DatabaseMarker PRIMARY KEY,
    Token varchar(50) NOT NULL,
    WrittenAt datetime2(3) NOT NULL CONSTRAINT DF_DatabaseMarker_WrittenAt DEFAULT SYSUTCDATETIME()
);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0023_DatabaseMarker', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0024_FailuresHandled')
    BEGIN
        EXEC (N'-- What became of failures. LastFailedAt: when an attempt last failed by the run''s own fault, which tells how an agent fares of late; null again once
-- a turn got answers. AcknowledgedAt and AcknowledgedBy: someone has taken note of a FAILED run, and it needs no action any more. RepeatsRunId: the
-- ended run that a retry repeats; no key to it, for it may be in the archive or purged.
ALTER TABLE eval.EvaluationRun ADD
    LastFailedAt datetime2(3) NULL,
    AcknowledgedAt datetime2(3) NULL,
    AcknowledgedBy nvarchar(200) NULL,
    RepeatsRunId bigint NULL;
ALTER TABLE eval.EvaluationRunArchive ADD
    LastFailedAt datetime2(3) NULL,
    AcknowledgedAt datetime2(3) NULL,
    AcknowledgedBy nvarchar(200) NULL,
    RepeatsRunId bigint NULL;');
        EXEC (N'UPDATE eval.EvaluationRun SET LastFailedAt = CompletedAt WHERE Status = ''FAILED'' AND FailedAttempts > 0;

-- FAILED runs of which nobody has taken note, with what tells whether a later run has replaced them.
CREATE INDEX IX_EvaluationRun_NotAcknowledged ON eval.EvaluationRun (TenantId, Id, VersionId, SuiteId) WHERE Status = ''FAILED'' AND AcknowledgedAt IS NULL;

-- Attempts that failed lately.
CREATE INDEX IX_EvaluationRun_LastFailed ON eval.EvaluationRun (LastFailedAt, TenantId) WHERE LastFailedAt IS NOT NULL;

-- The runs that repeat one.
CREATE INDEX IX_EvaluationRun_Repeats ON eval.EvaluationRun (RepeatsRunId, Id) WHERE RepeatsRunId IS NOT NULL;
CREATE INDEX IX_EvaluationRunArchive_Repeats ON eval.EvaluationRunArchive (RepeatsRunId, Id) WHERE RepeatsRunId IS NOT NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0024_FailuresHandled', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0025_Schedules')
    BEGIN
        EXEC (N'-- Schedules: when a suite is run for the newest version of an agent. Cron''s times of day are those of TimeZone, an IANA id.
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
    CONSTRAINT CK_RunSchedule_LastOutcome CHECK (LastOutcome IN (''CREATED'', ''SKIPPED'', ''MISSED'', ''FAILED''))
);');
        EXEC (N'CREATE INDEX IX_RunSchedule_Tenant ON eval.RunSchedule (TenantId, Id);');
        EXEC (N'CREATE INDEX IX_RunSchedule_Suite ON eval.RunSchedule (SuiteId, Id);');
        EXEC (N'-- Recurring jobs that people have paused or resumed; one that nobody ever did has no row. At: since when it is so.
CREATE TABLE eval.JobPause (
    JobId nvarchar(100) NOT NULL CONSTRAINT PK_JobPause PRIMARY KEY,
    IsPaused bit NOT NULL,
    Reason nvarchar(1000) NULL,
    Actor nvarchar(200) NOT NULL,
    At datetime2(3) NOT NULL CONSTRAINT DF_JobPause_At DEFAULT SYSUTCDATETIME()
);');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0025_Schedules', SYSUTCDATETIME());
    END;

    IF @Apply = 1 AND NOT EXISTS (SELECT 1 FROM @Before b WHERE b.ScriptName = N'0026_VoidRuns')
    BEGIN
        EXEC (N'-- Void runs by when they completed: their cases are taken off the figures of the last day.
CREATE INDEX IX_RunLook_Void ON eval.RunLook (CompletedAt) WHERE VoidedAt IS NOT NULL;');
        INSERT INTO dbo.EvalJobsSchemaVersions (ScriptName, Applied) VALUES (N'0026_VoidRuns', SYSUTCDATETIME());
    END;

    SELECT m.ScriptName,
           CASE WHEN b.ScriptName IS NOT NULL THEN N'has run before' WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
    FROM @Migration m
    LEFT JOIN @Before b ON b.ScriptName = m.ScriptName
    ORDER BY m.ScriptName;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF @@TRANCOUNT > 0
        ROLLBACK TRANSACTION;
    THROW;
END CATCH;
