-- What became of failures. LastFailedAt: when an attempt last failed by the run's own fault, which tells how an agent fares of late; null again once
-- a turn got answers. AcknowledgedAt and AcknowledgedBy: someone has taken note of a FAILED run, and it needs no action any more. RepeatsRunId: the
-- ended run that a retry repeats; no key to it, for it may be in the archive or purged.
ALTER TABLE EvaluationRun ADD COLUMN LastFailedAt INTEGER NULL;
ALTER TABLE EvaluationRun ADD COLUMN AcknowledgedAt INTEGER NULL;
ALTER TABLE EvaluationRun ADD COLUMN AcknowledgedBy TEXT NULL;
ALTER TABLE EvaluationRun ADD COLUMN RepeatsRunId INTEGER NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN LastFailedAt INTEGER NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN AcknowledgedAt INTEGER NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN AcknowledgedBy TEXT NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN RepeatsRunId INTEGER NULL;

UPDATE EvaluationRun SET LastFailedAt = CompletedAt WHERE Status = 'FAILED' AND FailedAttempts > 0;

-- FAILED runs of which nobody has taken note, with what tells whether a later run has replaced them.
CREATE INDEX IX_EvaluationRun_NotAcknowledged ON EvaluationRun (TenantId, Id, VersionId, SuiteId) WHERE Status = 'FAILED' AND AcknowledgedAt IS NULL;

-- Attempts that failed lately.
CREATE INDEX IX_EvaluationRun_LastFailed ON EvaluationRun (LastFailedAt, TenantId) WHERE LastFailedAt IS NOT NULL;

-- The runs that repeat one.
CREATE INDEX IX_EvaluationRun_Repeats ON EvaluationRun (RepeatsRunId, Id) WHERE RepeatsRunId IS NOT NULL;
CREATE INDEX IX_EvaluationRunArchive_Repeats ON EvaluationRunArchive (RepeatsRunId, Id) WHERE RepeatsRunId IS NOT NULL;
