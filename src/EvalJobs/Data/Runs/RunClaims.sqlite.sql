-- name: ClaimPendingRuns
-- Claims the tenant's first due runs by priority, due time and id: RUNNING, with one more attempt, leased to the owner.
-- Only for a batch that is still live and a tenant that is not paused; a batch never gets the same run twice.
-- One statement: two workers never get the same run. The plus keeps SQLite on the index in claim order instead of sorting the backlog.
UPDATE {schema}EvaluationRun
SET Status = 'RUNNING', Attempt = Attempt + 1, IsAlone = 0, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = {now + @LeaseMs},
    StartedAt = COALESCE(StartedAt, {now})
WHERE Id IN (SELECT Id
             FROM {schema}EvaluationRun
             WHERE TenantId = @TenantId AND Status = 'PENDING' AND +DueAt <= {now}
               AND (TenantBatchId IS NULL OR TenantBatchId <> @BatchId)
               AND EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
               AND EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
             ORDER BY Priority DESC, DueAt, Id
             LIMIT @Limit)
RETURNING {run columns};

-- name: ClaimOldestRuns
-- Claims the tenant's due runs that have waited longest, whatever their priority; otherwise as ClaimPendingRuns.
-- Only for a batch that is still live and a tenant that is not paused; a batch never gets the same run twice.
-- One statement: two workers never get the same run.
UPDATE {schema}EvaluationRun
SET Status = 'RUNNING', Attempt = Attempt + 1, IsAlone = 0, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = {now + @LeaseMs},
    StartedAt = COALESCE(StartedAt, {now})
WHERE Id IN (SELECT Id
             FROM {schema}EvaluationRun
             WHERE TenantId = @TenantId AND Status = 'PENDING' AND DueAt <= {now}
               AND (TenantBatchId IS NULL OR TenantBatchId <> @BatchId)
               AND EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
               AND EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
             ORDER BY DueAt, Id
             LIMIT @Limit)
RETURNING {run columns};

-- name: DropResultsToAskAgain
-- Deletes results of a failed attempt, some at a time, so that the next attempt asks those cases again: those with a temporary cause, and with @AllErrored
-- every ERRORED one. Runs after RetryRunLater.
DELETE FROM {schema}TestCaseResult
WHERE rowid IN (SELECT x.rowid FROM {schema}TestCaseResult x WHERE x.RunId = @RunId AND (x.AskAgain = 1 OR (@AllErrored = 1 AND x.Verdict = 'ERRORED')) LIMIT @Limit);

-- name: RenewRunLeases
-- Extends the leases the process holds; returns those it still has. @RunIds is a JSON array of ids.
UPDATE {schema}EvaluationRun
SET LeaseUntil = {now + @LeaseMs}
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND Status = 'RUNNING' AND LeaseOwner = @Owner
RETURNING Id, Attempt;
