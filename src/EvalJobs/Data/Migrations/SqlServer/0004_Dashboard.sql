-- What the dashboard's lists and figures are read by. Ids follow creation, so "newest first" is by id throughout.

-- Ended runs by age, with all the figures of the last 24 hours need: the rows themselves are not read. Takes the place of its narrower forerunner.
DROP INDEX IX_EvaluationRun_Ended ON eval.EvaluationRun;
GO
CREATE INDEX IX_EvaluationRun_Ended ON eval.EvaluationRun (CompletedAt, Id, TenantId, Status, PassedCount, CaseCount) WHERE CompletedAt IS NOT NULL;
GO

-- Runs by creation: how many came lately, and which id stands at a moment.
CREATE INDEX IX_EvaluationRun_Created ON eval.EvaluationRun (CreatedAt, TenantId);
GO

-- A state's runs, newest first.
CREATE INDEX IX_EvaluationRun_Status ON eval.EvaluationRun (Status, Id);
GO

-- A tenant's runs in one state, newest first.
CREATE INDEX IX_EvaluationRun_TenantStatus ON eval.EvaluationRun (TenantId, Status, Id);
GO

-- The runs a batch claimed.
CREATE INDEX IX_EvaluationRun_Batch ON eval.EvaluationRun (TenantBatchId, Id) WHERE TenantBatchId IS NOT NULL;
GO

-- The same for archived runs.
CREATE INDEX IX_EvaluationRunArchive_Created ON eval.EvaluationRunArchive (CreatedAt, Id);
GO
CREATE INDEX IX_EvaluationRunArchive_Status ON eval.EvaluationRunArchive (Status, Id);
GO
CREATE INDEX IX_EvaluationRunArchive_TenantStatus ON eval.EvaluationRunArchive (TenantId, Status, Id);
GO
CREATE INDEX IX_EvaluationRunArchive_Version ON eval.EvaluationRunArchive (VersionId, Id);
GO
CREATE INDEX IX_EvaluationRunArchive_Suite ON eval.EvaluationRunArchive (SuiteId, Id);
GO
CREATE INDEX IX_EvaluationRunArchive_Batch ON eval.EvaluationRunArchive (TenantBatchId, Id) WHERE TenantBatchId IS NOT NULL;
GO

-- What one person did, newest first.
CREATE INDEX IX_ChangeRecord_Actor ON eval.ChangeRecord (Actor, Id);
GO

-- Which record stands at a moment.
CREATE INDEX IX_ChangeRecord_At ON eval.ChangeRecord (At, Id);
GO
