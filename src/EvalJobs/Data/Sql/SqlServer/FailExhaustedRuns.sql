-- Ends some runs whose lease lapsed on the last attempt. The caller sets their versions in the same transaction.
-- READPAST: a row that a paused or hung process still locks must not stop the rescue of all the others; the next tick finds it.
-- Parameters: @MaxAttempts int, @Limit int
UPDATE TOP (@Limit) eval.EvaluationRun WITH (READPAST, ROWLOCK)
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = SYSUTCDATETIME(),
    Error = CONCAT(N'Given up after ', Attempt, N' attempts: the last worker (', LeaseOwner, N') vanished and its lease lapsed.')
OUTPUT inserted.Id, inserted.TenantId, inserted.SuiteId, inserted.SuiteRevision, inserted.VersionId, inserted.Status, inserted.Priority, inserted.DueAt, inserted.Attempt, inserted.LeaseOwner, inserted.LeaseUntil,
       REPLACE(inserted.PreviousEvalStatus, '_', '') AS PreviousEvalStatus, inserted.[Trigger], inserted.TenantBatchId, inserted.CreatedAt, inserted.StartedAt, inserted.CompletedAt,
       inserted.PassThreshold, inserted.PassRate, inserted.OverallScore, inserted.CaseCount, inserted.PassedCount, inserted.FailedCount, inserted.ErroredCount, inserted.UnscoredCount, inserted.InputTokens, inserted.OutputTokens, inserted.Cost, inserted.Error
WHERE Status = 'RUNNING' AND LeaseUntil < SYSUTCDATETIME() AND Attempt >= @MaxAttempts;
