-- Adds a pending run of the suite's current revision, due now. A second live run of the version violates UX_EvaluationRun_LiveVersion.
INSERT INTO EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold)
VALUES (@TenantId, @SuiteId, @SuiteRevision, @VersionId, 'PENDING', @Priority, @PreviousEvalStatus, @Trigger, @CaseCount, @PassThreshold)
RETURNING Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error;
