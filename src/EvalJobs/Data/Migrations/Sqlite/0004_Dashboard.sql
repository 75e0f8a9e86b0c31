-- What the dashboard's lists and figures are read by. Ids follow creation, so "newest first" is by id throughout.

-- Ended runs by age, with all the figures of the last 24 hours need: the rows themselves are not read. Takes the place of its narrower forerunner.
DROP INDEX IX_EvaluationRun_Ended;
CREATE INDEX IX_EvaluationRun_Ended ON EvaluationRun (CompletedAt, Id, TenantId, Status, PassedCount, CaseCount) WHERE CompletedAt IS NOT NULL;

-- Runs by creation: how many came lately, and which id stands at a moment.
CREATE INDEX IX_EvaluationRun_Created ON EvaluationRun (CreatedAt, TenantId);

-- A state's runs, newest first.
CREATE INDEX IX_EvaluationRun_Status ON EvaluationRun (Status, Id);

-- A tenant's runs in one state, newest first.
CREATE INDEX IX_EvaluationRun_TenantStatus ON EvaluationRun (TenantId, Status, Id);

-- The runs a batch claimed.
CREATE INDEX IX_EvaluationRun_Batch ON EvaluationRun (TenantBatchId, Id) WHERE TenantBatchId IS NOT NULL;

-- The same for archived runs.
CREATE INDEX IX_EvaluationRunArchive_Created ON EvaluationRunArchive (CreatedAt, Id);
CREATE INDEX IX_EvaluationRunArchive_Status ON EvaluationRunArchive (Status, Id);
CREATE INDEX IX_EvaluationRunArchive_TenantStatus ON EvaluationRunArchive (TenantId, Status, Id);
CREATE INDEX IX_EvaluationRunArchive_Version ON EvaluationRunArchive (VersionId, Id);
CREATE INDEX IX_EvaluationRunArchive_Suite ON EvaluationRunArchive (SuiteId, Id);
CREATE INDEX IX_EvaluationRunArchive_Batch ON EvaluationRunArchive (TenantBatchId, Id) WHERE TenantBatchId IS NOT NULL;

-- What one person did, newest first.
CREATE INDEX IX_ChangeRecord_Actor ON ChangeRecord (Actor, Id);

-- Which record stands at a moment.
CREATE INDEX IX_ChangeRecord_At ON ChangeRecord (At, Id);
