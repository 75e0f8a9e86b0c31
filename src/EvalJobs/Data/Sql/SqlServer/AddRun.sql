-- Adds a pending run of the suite's current revision, due now. A second live run of the version violates UX_EvaluationRun_LiveVersion.
-- Parameters: @TenantId bigint, @SuiteId bigint, @SuiteRevision int, @VersionId bigint, @Priority int, @PreviousEvalStatus varchar(20), @Trigger varchar(20), @CaseCount int, @PassThreshold float
INSERT INTO eval.EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold)
OUTPUT inserted.Id, inserted.TenantId, inserted.SuiteId, inserted.SuiteRevision, inserted.VersionId, inserted.Status, inserted.Priority, inserted.DueAt, inserted.Attempt, inserted.LeaseOwner, inserted.LeaseUntil,
       REPLACE(inserted.PreviousEvalStatus, '_', '') AS PreviousEvalStatus, inserted.[Trigger], inserted.TenantBatchId, inserted.CreatedAt, inserted.StartedAt, inserted.CompletedAt,
       inserted.PassThreshold, inserted.PassRate, inserted.OverallScore, inserted.CaseCount, inserted.PassedCount, inserted.FailedCount, inserted.ErroredCount, inserted.UnscoredCount, inserted.InputTokens, inserted.OutputTokens, inserted.Cost, inserted.Error
VALUES (@TenantId, @SuiteId, @SuiteRevision, @VersionId, 'PENDING', @Priority, @PreviousEvalStatus, @Trigger, @CaseCount, @PassThreshold);
