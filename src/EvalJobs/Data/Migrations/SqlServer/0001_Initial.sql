-- The whole first schema. Times are UTC; words such as 'PENDING' are stored as read. The runtime login needs no right to change any of this.
IF SCHEMA_ID(N'eval') IS NULL
    EXEC (N'CREATE SCHEMA eval AUTHORIZATION dbo');
GO

-- Customers, kept apart from each other.
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
);
GO

-- Versions of agents. Genome is write-once canonical JSON; GenomeHash is its SHA-256.
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
    CONSTRAINT CK_AgentVersion_LifecycleState CHECK (LifecycleState IN ('DRAFT', 'TESTING', 'CANDIDATE', 'APPROVED', 'DEPRECATED', 'RETIRED')),
    CONSTRAINT CK_AgentVersion_EvalStatus CHECK (EvalStatus IN ('NOT_RUN', 'RUNNING', 'PASS', 'FAIL'))
);
GO

-- Sets of test cases. Revision counts up with every edit; the cases of old revisions stay.
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
);
GO

-- The questions of one suite revision and how the answers are judged.
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
);
GO

-- One tick: what it rescued and whom it queued.
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
    CONSTRAINT CK_Dispatch_Trigger CHECK ([Trigger] IN ('RECURRING', 'MANUAL'))
);
GO

-- One child job: a tenant's turn at the workers.
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
    CONSTRAINT CK_TenantBatch_Status CHECK (Status IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'ABANDONED'))
);
GO

-- One suite revision put to one version. The states are drawn in docs/develop/run-states.md.
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
    CONSTRAINT CK_EvaluationRun_Status CHECK (Status IN ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
    CONSTRAINT CK_EvaluationRun_PreviousEvalStatus CHECK (PreviousEvalStatus IN ('NOT_RUN', 'RUNNING', 'PASS', 'FAIL')),
    CONSTRAINT CK_EvaluationRun_Trigger CHECK ([Trigger] IN ('TRANSITION', 'MANUAL', 'RETRY')),
    -- A running run always says who holds it and until when; nobody holds any other.
    CONSTRAINT CK_EvaluationRun_Lease CHECK ((Status = 'RUNNING' AND LeaseOwner IS NOT NULL AND LeaseUntil IS NOT NULL) OR (Status <> 'RUNNING' AND LeaseOwner IS NULL AND LeaseUntil IS NULL))
);
GO

-- What came of one case in one run; at most one row each.
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
    CONSTRAINT CK_TestCaseResult_Verdict CHECK (Verdict IN ('PASSED', 'FAILED', 'ERRORED', 'UNSCORED'))
);
GO

-- Append-only audit trail. No foreign keys: it outlives what it tells of.
CREATE TABLE eval.ChangeRecord (
    Id bigint IDENTITY(1, 1) NOT NULL CONSTRAINT PK_ChangeRecord PRIMARY KEY,
    TenantId bigint NULL,
    Type nvarchar(50) NOT NULL,
    TargetEntity nvarchar(50) NOT NULL,
    TargetId bigint NOT NULL,
    Actor nvarchar(200) NOT NULL,
    Payload nvarchar(max) NOT NULL,
    At datetime2(3) NOT NULL CONSTRAINT DF_ChangeRecord_At DEFAULT SYSUTCDATETIME()
);
GO

-- The latest health check of each tenant.
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
    CONSTRAINT CK_TenantHealth_Status CHECK (Status IN ('HEALTHY', 'WARNING'))
);
GO

-- Ended runs past retention. Same columns, same ids, no foreign keys.
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
);
GO

-- Their results.
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
);
GO

-- Pending work in the order it is claimed; holds pending runs only, so a tick never pays for history.
CREATE INDEX IX_EvaluationRun_Pending ON eval.EvaluationRun (TenantId, Priority DESC, DueAt, Id) WHERE Status = 'PENDING';
GO

-- Leases to renew and to rescue.
CREATE INDEX IX_EvaluationRun_Lease ON eval.EvaluationRun (LeaseUntil, TenantId) WHERE Status = 'RUNNING';
GO

-- At most one pending or running run per version.
CREATE UNIQUE INDEX UX_EvaluationRun_LiveVersion ON eval.EvaluationRun (VersionId) WHERE Status IN ('PENDING', 'RUNNING');
GO

-- Ended runs by age, for the archive and for what happened lately.
CREATE INDEX IX_EvaluationRun_Ended ON eval.EvaluationRun (CompletedAt, Id) WHERE CompletedAt IS NOT NULL;
GO

-- A tenant's runs, newest first.
CREATE INDEX IX_EvaluationRun_Tenant ON eval.EvaluationRun (TenantId, Id);
GO

-- A version's runs, newest first.
CREATE INDEX IX_EvaluationRun_Version ON eval.EvaluationRun (VersionId, Id);
GO

-- A suite's runs, newest first.
CREATE INDEX IX_EvaluationRun_Suite ON eval.EvaluationRun (SuiteId, Id);
GO

-- One live batch per tenant: overlapping ticks, double triggers and restarts cannot give a tenant two.
CREATE UNIQUE INDEX UX_TenantBatch_Live ON eval.TenantBatch (TenantId) WHERE Status IN ('QUEUED', 'RUNNING');
GO

-- Live batches by lease.
CREATE INDEX IX_TenantBatch_Lease ON eval.TenantBatch (LeaseUntil) WHERE Status IN ('QUEUED', 'RUNNING');
GO

-- When a tenant was last served.
CREATE INDEX IX_TenantBatch_Tenant ON eval.TenantBatch (TenantId, Id);
GO

-- The batches of a dispatch.
CREATE INDEX IX_TenantBatch_Dispatch ON eval.TenantBatch (DispatchId);
GO

-- One default suite per tenant.
CREATE UNIQUE INDEX UX_EvaluationSuite_Default ON eval.EvaluationSuite (TenantId) WHERE IsDefault = 1;
GO

-- The trail of one tenant, newest first.
CREATE INDEX IX_ChangeRecord_Tenant ON eval.ChangeRecord (TenantId, Id);
GO

-- The trail of one thing, newest first.
CREATE INDEX IX_ChangeRecord_Target ON eval.ChangeRecord (TargetEntity, TargetId, Id);
GO

-- A tenant's archived runs, newest first.
CREATE INDEX IX_EvaluationRunArchive_Tenant ON eval.EvaluationRunArchive (TenantId, Id);
GO

-- Archived runs by age, for the purge.
CREATE INDEX IX_EvaluationRunArchive_Ended ON eval.EvaluationRunArchive (CompletedAt, Id);
GO
