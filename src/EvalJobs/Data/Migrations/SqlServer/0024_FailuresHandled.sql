-- What became of failures. LastFailedAt: when an attempt last failed by the run's own fault, which tells how an agent fares of late; null again once
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
    RepeatsRunId bigint NULL;
GO

UPDATE eval.EvaluationRun SET LastFailedAt = CompletedAt WHERE Status = 'FAILED' AND FailedAttempts > 0;

-- FAILED runs of which nobody has taken note, with what tells whether a later run has replaced them.
CREATE INDEX IX_EvaluationRun_NotAcknowledged ON eval.EvaluationRun (TenantId, Id, VersionId, SuiteId) WHERE Status = 'FAILED' AND AcknowledgedAt IS NULL;

-- Attempts that failed lately.
CREATE INDEX IX_EvaluationRun_LastFailed ON eval.EvaluationRun (LastFailedAt, TenantId) WHERE LastFailedAt IS NOT NULL;

-- The runs that repeat one.
CREATE INDEX IX_EvaluationRun_Repeats ON eval.EvaluationRun (RepeatsRunId, Id) WHERE RepeatsRunId IS NOT NULL;
CREATE INDEX IX_EvaluationRunArchive_Repeats ON eval.EvaluationRunArchive (RepeatsRunId, Id) WHERE RepeatsRunId IS NOT NULL;
GO
