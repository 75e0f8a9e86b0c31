-- Claims the tenant's first due runs by priority, due time and id: RUNNING, one attempt more, leased to the owner.
-- Only for a batch that is still live and a tenant that is not paused; a run that a batch has had once is not given to it again.
-- One statement: two workers never get the same run.
-- UPDLOCK takes the rows while choosing them, READPAST skips what another worker is taking, ROWLOCK keeps neighbours free.
-- INDEX: it has the runs in the order they are claimed in. By another, a worker would lock all of the tenant's due runs to sort them,
-- and every other worker would skip them and find nothing.
-- Parameters: @TenantId bigint, @BatchId bigint, @Owner nvarchar(200), @LeaseMs int, @Limit int
UPDATE r
SET Status = 'RUNNING', Attempt = r.Attempt + 1, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME()),
    StartedAt = COALESCE(r.StartedAt, SYSUTCDATETIME())
OUTPUT inserted.Id, inserted.TenantId, inserted.SuiteId, inserted.SuiteRevision, inserted.VersionId, inserted.Status, inserted.Priority, inserted.DueAt, inserted.Attempt, inserted.LeaseOwner, inserted.LeaseUntil,
       REPLACE(inserted.PreviousEvalStatus, '_', '') AS PreviousEvalStatus, inserted.[Trigger], inserted.TenantBatchId, inserted.CreatedAt, inserted.StartedAt, inserted.CompletedAt,
       inserted.PassThreshold, inserted.PassRate, inserted.OverallScore, inserted.CaseCount, inserted.PassedCount, inserted.FailedCount, inserted.ErroredCount, inserted.UnscoredCount, inserted.InputTokens, inserted.OutputTokens, inserted.Cost, inserted.Error
FROM eval.EvaluationRun r
JOIN (SELECT TOP (@Limit) p.Id
      FROM eval.EvaluationRun p WITH (INDEX (IX_EvaluationRun_Pending), UPDLOCK, READPAST, ROWLOCK)
      WHERE p.TenantId = @TenantId AND p.Status = 'PENDING' AND p.DueAt <= SYSUTCDATETIME()
        AND (p.TenantBatchId IS NULL OR p.TenantBatchId <> @BatchId)
        AND EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
        AND EXISTS (SELECT 1 FROM eval.TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
      ORDER BY p.Priority DESC, p.DueAt, p.Id) c ON c.Id = r.Id;
