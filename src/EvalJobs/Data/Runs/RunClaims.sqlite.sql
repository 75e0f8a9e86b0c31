-- name: ClaimPendingRuns
-- Claims the tenant's first due runs by priority, due time and id: RUNNING, one attempt more, leased to the owner.
-- Only for a batch that is still live and a tenant that is not paused; a run that a batch has had once is not given to it again.
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
-- Only for a batch that is still live and a tenant that is not paused; a run that a batch has had once is not given to it again.
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
-- Forgets results of a failed attempt, some at a time, so that the next attempt asks those cases again: those whose cause may pass, and with @AllErrored
-- every ERRORED one. Runs after RetryRunLater.
DELETE FROM {schema}TestCaseResult
WHERE rowid IN (SELECT x.rowid FROM {schema}TestCaseResult x WHERE x.RunId = @RunId AND (x.AskAgain = 1 OR (@AllErrored = 1 AND x.Verdict = 'ERRORED')) LIMIT @Limit);

-- name: RenewRunLeases
-- Extends the leases the process holds; returns those it still has. @RunIds is a JSON array of ids.
UPDATE {schema}EvaluationRun
SET LeaseUntil = {now + @LeaseMs}
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND Status = 'RUNNING' AND LeaseOwner = @Owner
RETURNING Id, Attempt;

-- name: RequeueExpiredRuns
-- Returns runs whose lease expired to the queue, some at a time: their process vanished, and no attempt has failed. The death is counted, unless the run
-- has reached @PoisonDeaths and only waited for its turn to be worked alone. The first is due at once; each further one doubles the wait (capped).
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL,
    RescuedFrom = CASE WHEN DeathCount < @PoisonDeaths THEN LeaseOwner END,
    DueAt = {now} + CASE WHEN DeathCount = 0 THEN 0 ELSE MIN(@BackoffMs * (1 << MIN(DeathCount - 1, 20)), @MaxBackoffMs) END,
    Error = 'The process of attempt ' || Attempt || ' (' || LeaseOwner || ') vanished; the attempt does not count as failed.',
    DeathCount = CASE WHEN DeathCount < @PoisonDeaths THEN DeathCount + 1 ELSE DeathCount END
WHERE Id IN (SELECT Id FROM {schema}EvaluationRun WHERE Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 0 LIMIT @Limit)
RETURNING {run columns};

-- name: FailPoisonedRun
-- Ends a run whose process vanished while it was worked alone, after others had vanished before; no row when it has been taken back already.
-- The caller holds its version, and sets it in the same transaction.
UPDATE {schema}EvaluationRun
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}, DeathCount = DeathCount + 1,
    Error = 'POISON: the server process vanished ' || (DeathCount + 1) || ' times in a row while it worked this run, the last time (' || LeaseOwner || ') with no other run beside it.'
WHERE Id = @RunId AND Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 1
RETURNING {run columns};

-- name: BringDueTimesBack
-- Makes some waiting runs due that were created before the clock was set back: their moments lie in the future. Reads only what is not due yet.
UPDATE {schema}EvaluationRun
SET DueAt = {now}
WHERE Id IN (SELECT Id FROM {schema}EvaluationRun INDEXED BY IX_EvaluationRun_PendingByDue WHERE Status = 'PENDING' AND DueAt > {now} AND CreatedAt > {now} LIMIT @Limit);
