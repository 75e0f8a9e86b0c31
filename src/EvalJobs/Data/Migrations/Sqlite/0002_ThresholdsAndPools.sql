-- A run is judged by the threshold its suite had when the run was created, whatever becomes of the suite.
ALTER TABLE EvaluationRun ADD COLUMN PassThreshold REAL NOT NULL DEFAULT 0.8 CONSTRAINT CK_EvaluationRun_PassThreshold CHECK (PassThreshold BETWEEN 0 AND 1);
UPDATE EvaluationRun SET PassThreshold = (SELECT s.PassThreshold FROM EvaluationSuite s WHERE s.Id = EvaluationRun.SuiteId);

ALTER TABLE EvaluationRunArchive ADD COLUMN PassThreshold REAL NOT NULL DEFAULT 0.8;
UPDATE EvaluationRunArchive
SET PassThreshold = COALESCE((SELECT s.PassThreshold FROM EvaluationSuite s WHERE s.Id = EvaluationRunArchive.SuiteId), PassThreshold);

-- The pool a batch was queued in; null means the common one. A tenant moved to another pool meanwhile gets a new batch there.
ALTER TABLE TenantBatch ADD COLUMN WorkerPool TEXT NULL;

-- Which processes work which pools. A row whose lease has lapsed is of a process that vanished.
CREATE TABLE WorkerServer (
    Owner TEXT NOT NULL,
    Pool TEXT NOT NULL,
    WorkerCount INTEGER NOT NULL,
    StartedAt INTEGER NOT NULL DEFAULT (CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)),
    LeaseUntil INTEGER NOT NULL,
    CONSTRAINT PK_WorkerServer PRIMARY KEY (Owner, Pool),
    CONSTRAINT CK_WorkerServer_WorkerCount CHECK (WorkerCount > 0)
) STRICT;

-- Running runs by tenant with their leases: counted for the health check and searched for lapsed ones without reading history.
DROP INDEX IX_EvaluationRun_Lease;
CREATE INDEX IX_EvaluationRun_Running ON EvaluationRun (TenantId, LeaseUntil) WHERE Status = 'RUNNING';

-- The tenant's pending run that has waited longest, whatever its priority.
CREATE INDEX IX_EvaluationRun_PendingByAge ON EvaluationRun (TenantId, DueAt, Id) WHERE Status = 'PENDING';
