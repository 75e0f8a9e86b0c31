-- The whole first schema. Times are integer milliseconds since 1970-01-01 UTC; words such as 'PENDING' are stored as read.
-- AUTOINCREMENT: an id is never given twice, so a run that moved to the archive keeps its id for itself.

-- Customers, kept apart from each other.
CREATE TABLE Tenant (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    Slug TEXT NOT NULL,
    Name TEXT NOT NULL,
    IsPaused INTEGER NOT NULL DEFAULT 0 CHECK (IsPaused IN (0, 1)),
    BatchLimit INTEGER NULL,
    PendingWarningThreshold INTEGER NULL,
    WorkerPool TEXT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CONSTRAINT UQ_Tenant_Slug UNIQUE (Slug),
    CONSTRAINT CK_Tenant_BatchLimit CHECK (BatchLimit BETWEEN 1 AND 1000),
    CONSTRAINT CK_Tenant_PendingWarningThreshold CHECK (PendingWarningThreshold >= 0)
) STRICT;

-- Versions of agents. Genome is write-once canonical JSON; GenomeHash is its SHA-256.
CREATE TABLE AgentVersion (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NOT NULL,
    AgentName TEXT NOT NULL,
    VersionLabel TEXT NOT NULL,
    Genome TEXT NOT NULL,
    GenomeHash TEXT NOT NULL,
    LifecycleState TEXT NOT NULL,
    EvalStatus TEXT NOT NULL,
    ParentVersionId INTEGER NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CONSTRAINT UQ_AgentVersion_Label UNIQUE (TenantId, AgentName, VersionLabel),
    CONSTRAINT FK_AgentVersion_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT FK_AgentVersion_Parent FOREIGN KEY (ParentVersionId) REFERENCES AgentVersion (Id),
    CONSTRAINT CK_AgentVersion_LifecycleState CHECK (LifecycleState IN ('DRAFT', 'TESTING', 'CANDIDATE', 'APPROVED', 'DEPRECATED', 'RETIRED')),
    CONSTRAINT CK_AgentVersion_EvalStatus CHECK (EvalStatus IN ('NOT_RUN', 'RUNNING', 'PASS', 'FAIL'))
) STRICT;

-- Sets of test cases. Revision counts up with every edit; the cases of old revisions stay.
CREATE TABLE EvaluationSuite (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NOT NULL,
    Name TEXT NOT NULL,
    Description TEXT NOT NULL,
    Revision INTEGER NOT NULL,
    PassThreshold REAL NOT NULL,
    IsDefault INTEGER NOT NULL DEFAULT 0 CHECK (IsDefault IN (0, 1)),
    Tags TEXT NOT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CONSTRAINT UQ_EvaluationSuite_Name UNIQUE (TenantId, Name),
    CONSTRAINT FK_EvaluationSuite_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_EvaluationSuite_PassThreshold CHECK (PassThreshold BETWEEN 0 AND 1)
) STRICT;

-- The questions of one suite revision and how the answers are judged.
CREATE TABLE TestCase (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    SuiteId INTEGER NOT NULL,
    Revision INTEGER NOT NULL,
    Ordinal INTEGER NOT NULL,
    CaseKey TEXT NOT NULL,
    Name TEXT NOT NULL,
    Input TEXT NOT NULL,
    ExpectedOutput TEXT NULL,
    Scoring TEXT NOT NULL,
    Weight REAL NOT NULL,
    CONSTRAINT UQ_TestCase_Ordinal UNIQUE (SuiteId, Revision, Ordinal),
    CONSTRAINT UQ_TestCase_CaseKey UNIQUE (SuiteId, Revision, CaseKey),
    CONSTRAINT FK_TestCase_Suite FOREIGN KEY (SuiteId) REFERENCES EvaluationSuite (Id),
    CONSTRAINT CK_TestCase_Weight CHECK (Weight > 0)
) STRICT;

-- One tick: what it rescued and whom it queued.
CREATE TABLE Dispatch (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    [Trigger] TEXT NOT NULL,
    StartedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    FinishedAt INTEGER NULL,
    RequeuedCount INTEGER NOT NULL DEFAULT 0,
    ExhaustedCount INTEGER NOT NULL DEFAULT 0,
    AbandonedBatchCount INTEGER NOT NULL DEFAULT 0,
    TenantCount INTEGER NOT NULL DEFAULT 0,
    QueuedBatchCount INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT CK_Dispatch_Trigger CHECK ([Trigger] IN ('RECURRING', 'MANUAL'))
) STRICT;

-- One child job: a tenant's turn at the workers.
CREATE TABLE TenantBatch (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    DispatchId INTEGER NULL,
    TenantId INTEGER NOT NULL,
    Status TEXT NOT NULL,
    HangfireJobId TEXT NULL,
    LeaseOwner TEXT NULL,
    LeaseUntil INTEGER NOT NULL,
    QueuedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    StartedAt INTEGER NULL,
    FinishedAt INTEGER NULL,
    ClaimedCount INTEGER NOT NULL DEFAULT 0,
    CompletedCount INTEGER NOT NULL DEFAULT 0,
    FailedCount INTEGER NOT NULL DEFAULT 0,
    ReleasedCount INTEGER NOT NULL DEFAULT 0,
    Error TEXT NULL,
    CONSTRAINT FK_TenantBatch_Dispatch FOREIGN KEY (DispatchId) REFERENCES Dispatch (Id),
    CONSTRAINT FK_TenantBatch_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_TenantBatch_Status CHECK (Status IN ('QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'ABANDONED'))
) STRICT;

-- One suite revision put to one version. The states are drawn in docs/develop/run-states.md.
CREATE TABLE EvaluationRun (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NOT NULL,
    SuiteId INTEGER NOT NULL,
    SuiteRevision INTEGER NOT NULL,
    VersionId INTEGER NOT NULL,
    Status TEXT NOT NULL,
    Priority INTEGER NOT NULL DEFAULT 0,
    DueAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    Attempt INTEGER NOT NULL DEFAULT 0,
    LeaseOwner TEXT NULL,
    LeaseUntil INTEGER NULL,
    PreviousEvalStatus TEXT NOT NULL,
    [Trigger] TEXT NOT NULL,
    TenantBatchId INTEGER NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    StartedAt INTEGER NULL,
    CompletedAt INTEGER NULL,
    PassRate REAL NULL,
    OverallScore REAL NULL,
    CaseCount INTEGER NOT NULL DEFAULT 0,
    PassedCount INTEGER NOT NULL DEFAULT 0,
    FailedCount INTEGER NOT NULL DEFAULT 0,
    ErroredCount INTEGER NOT NULL DEFAULT 0,
    UnscoredCount INTEGER NOT NULL DEFAULT 0,
    InputTokens INTEGER NULL,
    OutputTokens INTEGER NULL,
    Cost REAL NULL,
    Error TEXT NULL,
    CONSTRAINT FK_EvaluationRun_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT FK_EvaluationRun_Suite FOREIGN KEY (SuiteId) REFERENCES EvaluationSuite (Id),
    CONSTRAINT FK_EvaluationRun_Version FOREIGN KEY (VersionId) REFERENCES AgentVersion (Id),
    CONSTRAINT CK_EvaluationRun_Status CHECK (Status IN ('PENDING', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLED')),
    CONSTRAINT CK_EvaluationRun_PreviousEvalStatus CHECK (PreviousEvalStatus IN ('NOT_RUN', 'RUNNING', 'PASS', 'FAIL')),
    CONSTRAINT CK_EvaluationRun_Trigger CHECK ([Trigger] IN ('TRANSITION', 'MANUAL', 'RETRY')),
    -- A running run always says who holds it and until when; nobody holds any other.
    CONSTRAINT CK_EvaluationRun_Lease CHECK ((Status = 'RUNNING' AND LeaseOwner IS NOT NULL AND LeaseUntil IS NOT NULL) OR (Status <> 'RUNNING' AND LeaseOwner IS NULL AND LeaseUntil IS NULL))
) STRICT;

-- What came of one case in one run; at most one row each.
CREATE TABLE TestCaseResult (
    RunId INTEGER NOT NULL,
    TestCaseId INTEGER NOT NULL,
    Verdict TEXT NOT NULL,
    Score REAL NULL,
    Output TEXT NULL,
    Error TEXT NULL,
    DurationMs INTEGER NOT NULL,
    InputTokens INTEGER NULL,
    OutputTokens INTEGER NULL,
    Cost REAL NULL,
    CONSTRAINT PK_TestCaseResult PRIMARY KEY (RunId, TestCaseId),
    CONSTRAINT FK_TestCaseResult_Run FOREIGN KEY (RunId) REFERENCES EvaluationRun (Id),
    CONSTRAINT FK_TestCaseResult_TestCase FOREIGN KEY (TestCaseId) REFERENCES TestCase (Id),
    CONSTRAINT CK_TestCaseResult_Verdict CHECK (Verdict IN ('PASSED', 'FAILED', 'ERRORED', 'UNSCORED'))
) STRICT;

-- Append-only audit trail. No foreign keys: it outlives what it tells of.
CREATE TABLE ChangeRecord (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NULL,
    Type TEXT NOT NULL,
    TargetEntity TEXT NOT NULL,
    TargetId INTEGER NOT NULL,
    Actor TEXT NOT NULL,
    Payload TEXT NOT NULL,
    At INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
) STRICT;

-- The latest health check of each tenant.
CREATE TABLE TenantHealth (
    TenantId INTEGER NOT NULL CONSTRAINT PK_TenantHealth PRIMARY KEY,
    Status TEXT NOT NULL,
    Since INTEGER NOT NULL,
    Reasons TEXT NOT NULL,
    PendingCount INTEGER NOT NULL,
    RunningCount INTEGER NOT NULL,
    ExpiredLeaseCount INTEGER NOT NULL,
    OldestPendingAgeMs INTEGER NULL,
    CheckedAt INTEGER NOT NULL,
    CONSTRAINT FK_TenantHealth_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_TenantHealth_Status CHECK (Status IN ('HEALTHY', 'WARNING'))
) STRICT;

-- Ended runs past retention. Same columns, same ids, no foreign keys.
CREATE TABLE EvaluationRunArchive (
    Id INTEGER NOT NULL CONSTRAINT PK_EvaluationRunArchive PRIMARY KEY,
    TenantId INTEGER NOT NULL,
    SuiteId INTEGER NOT NULL,
    SuiteRevision INTEGER NOT NULL,
    VersionId INTEGER NOT NULL,
    Status TEXT NOT NULL,
    Priority INTEGER NOT NULL,
    DueAt INTEGER NOT NULL,
    Attempt INTEGER NOT NULL,
    LeaseOwner TEXT NULL,
    LeaseUntil INTEGER NULL,
    PreviousEvalStatus TEXT NOT NULL,
    [Trigger] TEXT NOT NULL,
    TenantBatchId INTEGER NULL,
    CreatedAt INTEGER NOT NULL,
    StartedAt INTEGER NULL,
    CompletedAt INTEGER NULL,
    PassRate REAL NULL,
    OverallScore REAL NULL,
    CaseCount INTEGER NOT NULL,
    PassedCount INTEGER NOT NULL,
    FailedCount INTEGER NOT NULL,
    ErroredCount INTEGER NOT NULL,
    UnscoredCount INTEGER NOT NULL,
    InputTokens INTEGER NULL,
    OutputTokens INTEGER NULL,
    Cost REAL NULL,
    Error TEXT NULL,
    ArchivedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
) STRICT;

-- Their results.
CREATE TABLE TestCaseResultArchive (
    RunId INTEGER NOT NULL,
    TestCaseId INTEGER NOT NULL,
    Verdict TEXT NOT NULL,
    Score REAL NULL,
    Output TEXT NULL,
    Error TEXT NULL,
    DurationMs INTEGER NOT NULL,
    InputTokens INTEGER NULL,
    OutputTokens INTEGER NULL,
    Cost REAL NULL,
    CONSTRAINT PK_TestCaseResultArchive PRIMARY KEY (RunId, TestCaseId)
) STRICT;

-- Pending work in the order it is claimed; holds pending runs only, so a tick never pays for history.
CREATE INDEX IX_EvaluationRun_Pending ON EvaluationRun (TenantId, Priority DESC, DueAt, Id) WHERE Status = 'PENDING';

-- Leases to renew and to rescue.
CREATE INDEX IX_EvaluationRun_Lease ON EvaluationRun (LeaseUntil, TenantId) WHERE Status = 'RUNNING';

-- At most one pending or running run per version.
CREATE UNIQUE INDEX UX_EvaluationRun_LiveVersion ON EvaluationRun (VersionId) WHERE Status IN ('PENDING', 'RUNNING');

-- Ended runs by age, for the archive and for what happened lately.
CREATE INDEX IX_EvaluationRun_Ended ON EvaluationRun (CompletedAt, Id) WHERE CompletedAt IS NOT NULL;

-- A tenant's runs, newest first.
CREATE INDEX IX_EvaluationRun_Tenant ON EvaluationRun (TenantId, Id);

-- A version's runs, newest first.
CREATE INDEX IX_EvaluationRun_Version ON EvaluationRun (VersionId, Id);

-- A suite's runs, newest first.
CREATE INDEX IX_EvaluationRun_Suite ON EvaluationRun (SuiteId, Id);

-- One live batch per tenant: overlapping ticks, double triggers and restarts cannot give a tenant two.
CREATE UNIQUE INDEX UX_TenantBatch_Live ON TenantBatch (TenantId) WHERE Status IN ('QUEUED', 'RUNNING');

-- Live batches by lease.
CREATE INDEX IX_TenantBatch_Lease ON TenantBatch (LeaseUntil) WHERE Status IN ('QUEUED', 'RUNNING');

-- When a tenant was last served.
CREATE INDEX IX_TenantBatch_Tenant ON TenantBatch (TenantId, Id);

-- The batches of a dispatch.
CREATE INDEX IX_TenantBatch_Dispatch ON TenantBatch (DispatchId);

-- One default suite per tenant.
CREATE UNIQUE INDEX UX_EvaluationSuite_Default ON EvaluationSuite (TenantId) WHERE IsDefault = 1;

-- The trail of one tenant, newest first.
CREATE INDEX IX_ChangeRecord_Tenant ON ChangeRecord (TenantId, Id);

-- The trail of one thing, newest first.
CREATE INDEX IX_ChangeRecord_Target ON ChangeRecord (TargetEntity, TargetId, Id);

-- A tenant's archived runs, newest first.
CREATE INDEX IX_EvaluationRunArchive_Tenant ON EvaluationRunArchive (TenantId, Id);

-- Archived runs by age, for the purge.
CREATE INDEX IX_EvaluationRunArchive_Ended ON EvaluationRunArchive (CompletedAt, Id);
