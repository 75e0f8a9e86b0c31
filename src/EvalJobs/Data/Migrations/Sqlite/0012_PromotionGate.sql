-- What promotion rests on: policies, what is required of a version in TESTING, and the runs that are evidence for it.

-- Cases can be found by tags, and some have to pass whatever the rate.
ALTER TABLE TestCase ADD COLUMN Tags TEXT NOT NULL DEFAULT '[]';
ALTER TABLE TestCase ADD COLUMN MustPass INTEGER NOT NULL DEFAULT 0 CONSTRAINT CK_TestCase_MustPass CHECK (MustPass IN (0, 1));

-- What a tenant requires before a version is promoted; AgentName is empty for all of its agents. The newest revision holds.
CREATE TABLE PromotionPolicy (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NOT NULL,
    AgentName TEXT NOT NULL,
    Revision INTEGER NOT NULL,
    Document TEXT NOT NULL,
    DocumentHash TEXT NOT NULL,
    Actor TEXT NOT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CONSTRAINT UQ_PromotionPolicy_Revision UNIQUE (TenantId, AgentName, Revision),
    CONSTRAINT FK_PromotionPolicy_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT CK_PromotionPolicy_Revision CHECK (Revision > 0)
) STRICT;

-- What was written down when a version entered TESTING or was required again. The highest round holds.
CREATE TABLE VersionGate (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    TenantId INTEGER NOT NULL,
    VersionId INTEGER NOT NULL,
    Round INTEGER NOT NULL,
    PolicyId INTEGER NULL,
    Alpha REAL NOT NULL,
    NeedsSecondPerson INTEGER NOT NULL CHECK (NeedsSecondPerson IN (0, 1)),
    NeedsApprover INTEGER NOT NULL CHECK (NeedsApprover IN (0, 1)),
    VersionCreatedBy TEXT NULL,
    Actor TEXT NOT NULL,
    CreatedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    CONSTRAINT UQ_VersionGate_Round UNIQUE (VersionId, Round),
    CONSTRAINT FK_VersionGate_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT FK_VersionGate_Version FOREIGN KEY (VersionId) REFERENCES AgentVersion (Id),
    CONSTRAINT FK_VersionGate_Policy FOREIGN KEY (PolicyId) REFERENCES PromotionPolicy (Id),
    CONSTRAINT CK_VersionGate_Alpha CHECK (Alpha > 0 AND Alpha <= 0.5)
) STRICT;

CREATE INDEX IX_VersionGate_Tenant ON VersionGate (TenantId, Id);

-- One suite revision that is required. Bound is the threshold of RATE and EVIDENCE, the margin of NOT_WORSE.
CREATE TABLE VersionRequirement (
    Id INTEGER PRIMARY KEY AUTOINCREMENT,
    GateId INTEGER NOT NULL,
    TenantId INTEGER NOT NULL,
    VersionId INTEGER NOT NULL,
    Ordinal INTEGER NOT NULL,
    SuiteId INTEGER NOT NULL,
    SuiteRevision INTEGER NOT NULL,
    Rule TEXT NOT NULL,
    Bound REAL NOT NULL,
    TagBounds TEXT NOT NULL,
    MustPass TEXT NOT NULL,
    BaselineVersionId INTEGER NULL,
    CONSTRAINT UQ_VersionRequirement_Ordinal UNIQUE (GateId, Ordinal),
    CONSTRAINT FK_VersionRequirement_Gate FOREIGN KEY (GateId) REFERENCES VersionGate (Id),
    CONSTRAINT FK_VersionRequirement_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT FK_VersionRequirement_Version FOREIGN KEY (VersionId) REFERENCES AgentVersion (Id),
    CONSTRAINT FK_VersionRequirement_Suite FOREIGN KEY (SuiteId) REFERENCES EvaluationSuite (Id),
    CONSTRAINT FK_VersionRequirement_Baseline FOREIGN KEY (BaselineVersionId) REFERENCES AgentVersion (Id),
    CONSTRAINT CK_VersionRequirement_Rule CHECK (Rule IN ('RATE', 'EVIDENCE', 'NOT_WORSE')),
    CONSTRAINT CK_VersionRequirement_Bound CHECK (Bound BETWEEN 0 AND 1),
    CONSTRAINT CK_VersionRequirement_Baseline CHECK (BaselineVersionId <> VersionId)
) STRICT;

CREATE INDEX IX_VersionRequirement_Tenant ON VersionRequirement (TenantId, Id);
CREATE INDEX IX_VersionRequirement_Version ON VersionRequirement (VersionId, Id);
CREATE INDEX IX_VersionRequirement_Baseline ON VersionRequirement (BaselineVersionId) WHERE BaselineVersionId IS NOT NULL;

-- One COMPLETED run as evidence: a letter per case, by ordinal. It stays when the run goes to the archive or is purged. No key to the run for that reason.
CREATE TABLE RunLook (
    RunId INTEGER PRIMARY KEY,
    TenantId INTEGER NOT NULL,
    VersionId INTEGER NOT NULL,
    SuiteId INTEGER NOT NULL,
    SuiteRevision INTEGER NOT NULL,
    Outcomes TEXT NOT NULL,
    CompletedAt INTEGER NOT NULL,
    VoidedAt INTEGER NULL,
    VoidedBy TEXT NULL,
    VoidReason TEXT NULL,
    CONSTRAINT FK_RunLook_Tenant FOREIGN KEY (TenantId) REFERENCES Tenant (Id),
    CONSTRAINT FK_RunLook_Version FOREIGN KEY (VersionId) REFERENCES AgentVersion (Id),
    CONSTRAINT CK_RunLook_Void CHECK ((VoidedAt IS NULL AND VoidedBy IS NULL AND VoidReason IS NULL) OR (VoidedAt IS NOT NULL AND VoidedBy IS NOT NULL AND VoidReason <> ''))
) STRICT;

CREATE INDEX IX_RunLook_Version ON RunLook (VersionId, SuiteId, SuiteRevision, RunId);
CREATE INDEX IX_RunLook_Tenant ON RunLook (TenantId, RunId);

-- Several required suites may be evaluated at the same time: one live run per version and suite.
DROP INDEX UX_EvaluationRun_LiveVersion;
CREATE UNIQUE INDEX UX_EvaluationRun_LiveVersionSuite ON EvaluationRun (VersionId, SuiteId) WHERE Status IN ('PENDING', 'RUNNING');

-- Versions in TESTING get the requirement that their latest transition implies: its suite at its revision, with the rule RATE at its threshold; if that
-- run was purged, the tenant's default suite as it is now.
INSERT INTO VersionGate (TenantId, VersionId, Round, Alpha, NeedsSecondPerson, NeedsApprover, VersionCreatedBy, Actor)
SELECT v.TenantId, v.Id, 1, 0.05, 0, 0,
       (SELECT MAX(h.Actor) FROM ChangeRecord h WHERE h.TargetEntity = 'AgentVersion' AND h.TargetId = v.Id AND h.Type = 'VERSION_CREATED'), 'system'
FROM AgentVersion v
WHERE v.LifecycleState = 'TESTING';
INSERT INTO VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, Rule, Bound, TagBounds, MustPass)
SELECT g.Id, g.TenantId, g.VersionId, 1, r.SuiteId, r.SuiteRevision, 'RATE', r.PassThreshold, '{}', '[]'
FROM VersionGate g
JOIN (SELECT x.VersionId, x.SuiteId, x.SuiteRevision, x.PassThreshold, ROW_NUMBER() OVER (PARTITION BY x.VersionId ORDER BY x.Id DESC) AS Place
      FROM (SELECT Id, VersionId, SuiteId, SuiteRevision, PassThreshold FROM EvaluationRun WHERE [Trigger] = 'TRANSITION'
            UNION ALL
            SELECT Id, VersionId, SuiteId, SuiteRevision, PassThreshold FROM EvaluationRunArchive WHERE [Trigger] = 'TRANSITION') x) r
  ON r.VersionId = g.VersionId AND r.Place = 1;
INSERT INTO VersionRequirement (GateId, TenantId, VersionId, Ordinal, SuiteId, SuiteRevision, Rule, Bound, TagBounds, MustPass)
SELECT g.Id, g.TenantId, g.VersionId, 1, s.Id, s.Revision, 'RATE', s.PassThreshold, '{}', '[]'
FROM VersionGate g
JOIN EvaluationSuite s ON s.TenantId = g.TenantId AND s.IsDefault = 1 AND s.Revision > 0
WHERE NOT EXISTS (SELECT 1 FROM VersionRequirement q WHERE q.GateId = g.Id);

-- The evaluation status follows the requirement: RUNNING while a required run is live, FAIL while the latest ended one is FAILED, else by the pooled rate.
UPDATE AgentVersion
SET EvalStatus = (
    SELECT CASE
        WHEN EXISTS (SELECT 1 FROM EvaluationRun r WHERE r.VersionId = q.VersionId AND r.SuiteId = q.SuiteId AND r.SuiteRevision = q.SuiteRevision AND r.Status IN ('PENDING', 'RUNNING')) THEN 'RUNNING'
        WHEN COUNT(e.Id) = 0 THEN 'NOT_RUN'
        WHEN MAX(CASE WHEN e.Status = 'FAILED' THEN e.Id END) > COALESCE(MAX(CASE WHEN e.Status = 'COMPLETED' THEN e.Id END), 0) THEN 'FAIL'
        WHEN SUM(CASE WHEN e.Status = 'COMPLETED' THEN e.CaseCount ELSE 0 END) > 0
         AND CAST(SUM(CASE WHEN e.Status = 'COMPLETED' THEN e.PassedCount ELSE 0 END) AS REAL) / SUM(CASE WHEN e.Status = 'COMPLETED' THEN e.CaseCount ELSE 0 END) >= q.Bound THEN 'PASS'
        ELSE 'FAIL' END
    FROM VersionRequirement q
    LEFT JOIN (SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM EvaluationRun WHERE Status IN ('COMPLETED', 'FAILED')
               UNION ALL
               SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM EvaluationRunArchive WHERE Status IN ('COMPLETED', 'FAILED')) e
      ON e.VersionId = q.VersionId AND e.SuiteId = q.SuiteId AND e.SuiteRevision = q.SuiteRevision
    WHERE q.VersionId = AgentVersion.Id
    GROUP BY q.Id, q.VersionId, q.SuiteId, q.SuiteRevision, q.Bound)
WHERE Id IN (SELECT q.VersionId FROM VersionRequirement q);

-- A run of a version of which nothing is required informs only; it does not keep the version RUNNING.
UPDATE AgentVersion
SET EvalStatus = COALESCE((SELECT CASE WHEN r.PreviousEvalStatus = 'RUNNING' THEN 'NOT_RUN' ELSE r.PreviousEvalStatus END
                           FROM EvaluationRun r WHERE r.VersionId = AgentVersion.Id AND r.Status IN ('PENDING', 'RUNNING')), EvalStatus)
WHERE EvalStatus = 'RUNNING' AND LifecycleState <> 'TESTING';
UPDATE AgentVersion
SET EvalStatus = 'NOT_RUN'
WHERE LifecycleState = 'TESTING' AND NOT EXISTS (SELECT 1 FROM VersionRequirement q WHERE q.VersionId = AgentVersion.Id);

-- What was done, in the audit trail of each version.
INSERT INTO ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
SELECT v.TenantId, 'VERSION_REQUIRED', 'AgentVersion', v.Id, 'system',
       '{"round":1,"reason":"upgrade: the requirement its latest transition implies","suiteId":' || COALESCE(q.SuiteId, 'null') || ',"suiteRevision":' || COALESCE(q.SuiteRevision, 'null') || ',"rule":"rate","evalStatus":"' || v.EvalStatus || '"}'
FROM AgentVersion v
JOIN VersionGate g ON g.VersionId = v.Id
LEFT JOIN VersionRequirement q ON q.GateId = g.Id;
