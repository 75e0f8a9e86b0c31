-- Ends a run that has not ended. RUNNING or PENDING alike; whoever works it finds its lease gone.
-- Parameters: @RunId bigint
UPDATE eval.EvaluationRun
SET Status = 'CANCELLED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = SYSUTCDATETIME()
OUTPUT inserted.Id, inserted.TenantId, inserted.SuiteId, inserted.SuiteRevision, inserted.VersionId, inserted.Status, inserted.Priority, inserted.DueAt, inserted.Attempt, inserted.LeaseOwner, inserted.LeaseUntil,
       REPLACE(inserted.PreviousEvalStatus, '_', '') AS PreviousEvalStatus, inserted.[Trigger], inserted.TenantBatchId, inserted.CreatedAt, inserted.StartedAt, inserted.CompletedAt,
       inserted.PassThreshold, inserted.PassRate, inserted.OverallScore, inserted.CaseCount, inserted.PassedCount, inserted.FailedCount, inserted.ErroredCount, inserted.UnscoredCount, inserted.InputTokens, inserted.OutputTokens, inserted.Cost, inserted.Error
WHERE Id = @RunId AND Status IN ('PENDING', 'RUNNING');
