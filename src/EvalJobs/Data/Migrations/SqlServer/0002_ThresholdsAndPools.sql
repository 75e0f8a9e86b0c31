-- A run is judged by the threshold its suite had when the run was created, whatever becomes of the suite.
ALTER TABLE eval.EvaluationRun ADD PassThreshold float NOT NULL CONSTRAINT DF_EvaluationRun_PassThreshold DEFAULT 0.8;
ALTER TABLE eval.EvaluationRunArchive ADD PassThreshold float NOT NULL CONSTRAINT DF_EvaluationRunArchive_PassThreshold DEFAULT 0.8;
GO

UPDATE r
SET PassThreshold = s.PassThreshold
FROM eval.EvaluationRun r
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId;

UPDATE r
SET PassThreshold = s.PassThreshold
FROM eval.EvaluationRunArchive r
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId;
GO

ALTER TABLE eval.EvaluationRun ADD CONSTRAINT CK_EvaluationRun_PassThreshold CHECK (PassThreshold BETWEEN 0 AND 1);
GO

-- The pool a batch was queued in; null means the common one. A tenant moved to another pool meanwhile gets a new batch there.
ALTER TABLE eval.TenantBatch ADD WorkerPool nvarchar(50) NULL;
GO

-- Which processes work which pools. A row whose lease has lapsed is of a process that vanished.
CREATE TABLE eval.WorkerServer (
    Owner nvarchar(200) NOT NULL,
    Pool nvarchar(50) NOT NULL,
    WorkerCount int NOT NULL,
    StartedAt datetime2(3) NOT NULL CONSTRAINT DF_WorkerServer_StartedAt DEFAULT SYSUTCDATETIME(),
    LeaseUntil datetime2(3) NOT NULL,
    CONSTRAINT PK_WorkerServer PRIMARY KEY (Owner, Pool),
    CONSTRAINT CK_WorkerServer_WorkerCount CHECK (WorkerCount > 0)
);
GO

-- Running runs by tenant with their leases: counted for the health check and searched for lapsed ones without reading history.
DROP INDEX IX_EvaluationRun_Lease ON eval.EvaluationRun;
CREATE INDEX IX_EvaluationRun_Running ON eval.EvaluationRun (TenantId, LeaseUntil) WHERE Status = 'RUNNING';
GO

-- The tenant's pending run that has waited longest, whatever its priority.
CREATE INDEX IX_EvaluationRun_PendingByAge ON eval.EvaluationRun (TenantId, DueAt, Id) WHERE Status = 'PENDING';
GO

-- Names are compared as the program compares them: to the letter. By the server's own collation 'Smoke' would be 'smoke',
-- and an import under another spelling would revise a suite it never named.
ALTER TABLE eval.Tenant DROP CONSTRAINT UQ_Tenant_Slug;
ALTER TABLE eval.AgentVersion DROP CONSTRAINT UQ_AgentVersion_Label;
ALTER TABLE eval.EvaluationSuite DROP CONSTRAINT UQ_EvaluationSuite_Name;
GO

ALTER TABLE eval.Tenant ALTER COLUMN Slug nvarchar(63) COLLATE Latin1_General_BIN2 NOT NULL;
ALTER TABLE eval.AgentVersion ALTER COLUMN AgentName nvarchar(200) COLLATE Latin1_General_BIN2 NOT NULL;
ALTER TABLE eval.AgentVersion ALTER COLUMN VersionLabel nvarchar(100) COLLATE Latin1_General_BIN2 NOT NULL;
ALTER TABLE eval.EvaluationSuite ALTER COLUMN Name nvarchar(200) COLLATE Latin1_General_BIN2 NOT NULL;
GO

ALTER TABLE eval.Tenant ADD CONSTRAINT UQ_Tenant_Slug UNIQUE (Slug);
ALTER TABLE eval.AgentVersion ADD CONSTRAINT UQ_AgentVersion_Label UNIQUE (TenantId, AgentName, VersionLabel);
ALTER TABLE eval.EvaluationSuite ADD CONSTRAINT UQ_EvaluationSuite_Name UNIQUE (TenantId, Name);
GO
