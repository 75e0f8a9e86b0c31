-- Returns runs whose lease lapsed and that have attempts left to the queue, some at a time; each failed attempt doubles the wait (capped).
-- READPAST: a row that a paused or hung process still locks must not stop the rescue of all the others; the next tick finds it.
-- Parameters: @MaxAttempts int, @BackoffMs int, @MaxBackoffMs int, @Limit int
UPDATE TOP (@Limit) eval.EvaluationRun WITH (READPAST, ROWLOCK)
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL,
    DueAt = DATEADD(millisecond, CASE WHEN CAST(@BackoffMs AS bigint) * POWER(2, Attempt - 1) < @MaxBackoffMs
                                      THEN @BackoffMs * POWER(2, Attempt - 1) ELSE @MaxBackoffMs END, SYSUTCDATETIME()),
    Error = CONCAT(N'The lease of attempt ', Attempt, N' lapsed: its worker (', LeaseOwner, N') vanished.')
OUTPUT inserted.Id, inserted.TenantId, inserted.SuiteId, inserted.SuiteRevision, inserted.VersionId, inserted.Status, inserted.Priority, inserted.DueAt, inserted.Attempt, inserted.LeaseOwner, inserted.LeaseUntil,
       REPLACE(inserted.PreviousEvalStatus, '_', '') AS PreviousEvalStatus, inserted.[Trigger], inserted.TenantBatchId, inserted.CreatedAt, inserted.StartedAt, inserted.CompletedAt,
       inserted.PassThreshold, inserted.PassRate, inserted.OverallScore, inserted.CaseCount, inserted.PassedCount, inserted.FailedCount, inserted.ErroredCount, inserted.UnscoredCount, inserted.InputTokens, inserted.OutputTokens, inserted.Cost, inserted.Error
WHERE Status = 'RUNNING' AND LeaseUntil < SYSUTCDATETIME() AND Attempt < @MaxAttempts;
