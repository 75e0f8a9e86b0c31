-- What promotion rests on: policies, what is required of a version in TESTING, and the runs that are evidence for it.

-- Cases can be found by tags, and some have to pass whatever the rate.
ALTER TABLE eval.TestCase ADD
    Tags nvarchar(max) NOT NULL CONSTRAINT DF_TestCase_Tags DEFAULT N'[]',
    MustPass bit NOT NULL CONSTRAINT DF_TestCase_MustPass DEFAULT 0;
GO

-- What a tenant requires before a version is promoted; AgentName is empty for all of its agents. The newest revision holds.
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
);
GO

-- What was written down when a version entered TESTING or was required again. The highest round holds.
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
);
GO

CREATE INDEX IX_VersionGate_Tenant ON eval.VersionGate (TenantId, Id);
GO

-- One suite revision that is required. Bound is the threshold of RATE and EVIDENCE, the margin of NOT_WORSE.
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
    CONSTRAINT CK_VersionRequirement_Rule CHECK ([Rule] IN ('RATE', 'EVIDENCE', 'NOT_WORSE')),
    CONSTRAINT CK_VersionRequirement_Bound CHECK (Bound BETWEEN 0 AND 1),
    CONSTRAINT CK_VersionRequirement_Baseline CHECK (BaselineVersionId <> VersionId)
);
GO

CREATE INDEX IX_VersionRequirement_Tenant ON eval.VersionRequirement (TenantId, Id);
GO
CREATE INDEX IX_VersionRequirement_Version ON eval.VersionRequirement (VersionId, Id);
GO
CREATE INDEX IX_VersionRequirement_Baseline ON eval.VersionRequirement (BaselineVersionId) WHERE BaselineVersionId IS NOT NULL;
GO

-- One COMPLETED run as evidence: a letter per case, by ordinal. It stays when the run goes to the archive or is purged. No key to the run for that reason.
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
    CONSTRAINT CK_RunLook_Void CHECK ((VoidedAt IS NULL AND VoidedBy IS NULL AND VoidReason IS NULL) OR (VoidedAt IS NOT NULL AND VoidedBy IS NOT NULL AND VoidReason <> N''))
);
GO

CREATE INDEX IX_RunLook_Version ON eval.RunLook (VersionId, SuiteId, SuiteRevision, RunId);
GO
CREATE INDEX IX_RunLook_Tenant ON eval.RunLook (TenantId, RunId);
GO

-- Several required suites may be evaluated at the same time: one live run per version and suite.
DROP INDEX UX_EvaluationRun_LiveVersion ON eval.EvaluationRun;
GO
CREATE UNIQUE INDEX UX_EvaluationRun_LiveVersionSuite ON eval.EvaluationRun (VersionId, SuiteId) WHERE Status IN ('PENDING', 'RUNNING');
GO

-- Versions in TESTING get the requirement that their latest transition implies: its suite at its revision, with the rule RATE at its threshold; if that
-- run was purged, the tenant's default suite as it is now.
INSERT INTO eval.VersionGate (TenantId, VersionId, Round, Alpha, NeedsSecondPerson, NeedsApprover, VersionCreatedBy, Actor)
SELECT v.TenantId, v.Id, 1, 0.05, 0, 0,
       (SELECT MAX(h.Actor) FROM eval.ChangeRecord h WHERE h.TargetEntity = N'AgentVersion' AND h.TargetId = v.Id AND h.Type = N'VERSION_CREATED'), N'system'
FROM eval.AgentVersion v
WHERE v.LifecycleState = 'TESTING';
GO
INSERT INTO eval.VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass)
SELECT g.Id, g.TenantId, g.VersionId, 1, r.SuiteId, r.SuiteRevision, 'RATE', r.PassThreshold, N'{}', N'[]'
FROM eval.VersionGate g
JOIN (SELECT x.VersionId, x.SuiteId, x.SuiteRevision, x.PassThreshold, ROW_NUMBER() OVER (PARTITION BY x.VersionId ORDER BY x.Id DESC) AS Place
      FROM (SELECT Id, VersionId, SuiteId, SuiteRevision, PassThreshold FROM eval.EvaluationRun WHERE [Trigger] = 'TRANSITION'
            UNION ALL
            SELECT Id, VersionId, SuiteId, SuiteRevision, PassThreshold FROM eval.EvaluationRunArchive WHERE [Trigger] = 'TRANSITION') x) r
  ON r.VersionId = g.VersionId AND r.Place = 1;
GO
INSERT INTO eval.VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, [Rule], Bound, TagBounds, MustPass)
SELECT g.Id, g.TenantId, g.VersionId, 1, s.Id, s.Revision, 'RATE', s.PassThreshold, N'{}', N'[]'
FROM eval.VersionGate g
JOIN eval.EvaluationSuite s ON s.TenantId = g.TenantId AND s.IsDefault = 1 AND s.Revision > 0
WHERE NOT EXISTS (SELECT 1 FROM eval.VersionRequirement q WHERE q.GateId = g.Id);
GO

-- The evaluation status follows the requirement: RUNNING while a required run is live, FAIL while the latest ended one is FAILED, else by the pooled rate.
UPDATE v
SET EvalStatus = CASE
    WHEN EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.VersionId = q.VersionId AND r.SuiteId = q.SuiteId AND r.SuiteRevision = q.SuiteRevision AND r.Status IN ('PENDING', 'RUNNING')) THEN 'RUNNING'
    WHEN e.Ended IS NULL THEN 'NOT_RUN'
    WHEN e.LastFailed > COALESCE(e.LastCompleted, 0) THEN 'FAIL'
    WHEN e.Cases > 0 AND CAST(e.Passed AS float) / e.Cases >= q.Bound THEN 'PASS'
    ELSE 'FAIL' END
FROM eval.AgentVersion v
JOIN eval.VersionRequirement q ON q.VersionId = v.Id
LEFT JOIN (SELECT x.VersionId, x.SuiteId, x.SuiteRevision, COUNT_BIG(*) AS Ended,
                  MAX(CASE WHEN x.Status = 'FAILED' THEN x.Id END) AS LastFailed, MAX(CASE WHEN x.Status = 'COMPLETED' THEN x.Id END) AS LastCompleted,
                  SUM(CASE WHEN x.Status = 'COMPLETED' THEN CAST(x.PassedCount AS bigint) ELSE 0 END) AS Passed, SUM(CASE WHEN x.Status = 'COMPLETED' THEN CAST(x.CaseCount AS bigint) ELSE 0 END) AS Cases
           FROM (SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM eval.EvaluationRun WHERE Status IN ('COMPLETED', 'FAILED')
                 UNION ALL
                 SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM eval.EvaluationRunArchive WHERE Status IN ('COMPLETED', 'FAILED')) x
           GROUP BY x.VersionId, x.SuiteId, x.SuiteRevision) e
  ON e.VersionId = q.VersionId AND e.SuiteId = q.SuiteId AND e.SuiteRevision = q.SuiteRevision;
GO

-- A run of a version of which nothing is required informs only; it does not keep the version RUNNING.
UPDATE v
SET EvalStatus = CASE WHEN r.PreviousEvalStatus = 'RUNNING' THEN 'NOT_RUN' ELSE r.PreviousEvalStatus END
FROM eval.AgentVersion v
JOIN eval.EvaluationRun r ON r.VersionId = v.Id AND r.Status IN ('PENDING', 'RUNNING')
WHERE v.EvalStatus = 'RUNNING' AND v.LifecycleState <> 'TESTING';
GO
UPDATE v
SET EvalStatus = 'NOT_RUN'
FROM eval.AgentVersion v
WHERE v.LifecycleState = 'TESTING' AND NOT EXISTS (SELECT 1 FROM eval.VersionRequirement q WHERE q.VersionId = v.Id);
GO

-- What was done, in the audit trail of each version.
INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
SELECT v.TenantId, N'VERSION_REQUIRED', N'AgentVersion', v.Id, N'system',
       CONCAT(N'{"round":1,"reason":"upgrade: the requirement its latest transition implies","suiteId":', COALESCE(CAST(q.SuiteId AS nvarchar(20)), N'null'), N',"suiteRevision":', COALESCE(CAST(q.SuiteRevision AS nvarchar(20)), N'null'), N',"rule":"rate","evalStatus":"', v.EvalStatus, N'"}')
FROM eval.AgentVersion v
JOIN eval.VersionGate g ON g.VersionId = v.Id
LEFT JOIN eval.VersionRequirement q ON q.GateId = g.Id;
GO
