-- Claims the tenant's first due runs by priority, due time and id: RUNNING, one attempt more, leased to the owner.
-- Only for a batch that is still live and a tenant that is not paused; a run that a batch has had once is not given to it again.
-- One statement: two workers never get the same run. The plus keeps SQLite on the index in claim order instead of sorting the backlog.
UPDATE EvaluationRun
SET Status = 'RUNNING', Attempt = Attempt + 1, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs,
    StartedAt = COALESCE(StartedAt, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER))
WHERE Id IN (SELECT Id
             FROM EvaluationRun
             WHERE TenantId = @TenantId AND Status = 'PENDING' AND +DueAt <= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
               AND (TenantBatchId IS NULL OR TenantBatchId <> @BatchId)
               AND EXISTS (SELECT 1 FROM Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
               AND EXISTS (SELECT 1 FROM TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
             ORDER BY Priority DESC, DueAt, Id
             LIMIT @Limit)
RETURNING Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, LeaseOwner, LeaseUntil,
       REPLACE(PreviousEvalStatus, '_', '') AS PreviousEvalStatus, [Trigger], TenantBatchId, CreatedAt, StartedAt, CompletedAt,
       PassThreshold, PassRate, OverallScore, CaseCount, PassedCount, FailedCount, ErroredCount, UnscoredCount, InputTokens, OutputTokens, Cost, Error;
