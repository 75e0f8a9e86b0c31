-- name: ClaimPendingRuns
-- Claims the tenant's first due runs by priority, due time and id: RUNNING, one attempt more, leased to the owner.
-- Only for a batch that is still live and a tenant that is not paused; a run that a batch has had once is not given to it again.
-- One statement: two workers never get the same run.
-- UPDLOCK takes the rows while choosing them, READPAST skips what another worker is taking, ROWLOCK keeps neighbours free.
-- INDEX: it has the runs in the order they are claimed in. By another, a worker would lock all of the tenant's due runs to sort them,
-- and every other worker would skip them and find nothing.
-- Parameters: @TenantId bigint, @BatchId bigint, @Owner nvarchar(200), @LeaseMs int, @Limit int
UPDATE r
SET Status = 'RUNNING', Attempt = r.Attempt + 1, IsAlone = 0, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = {now + @LeaseMs},
    StartedAt = COALESCE(r.StartedAt, {now})
OUTPUT {run columns of inserted}
FROM {schema}EvaluationRun r
JOIN (SELECT TOP (@Limit) p.Id
      FROM {schema}EvaluationRun p WITH (INDEX (IX_EvaluationRun_Pending), UPDLOCK, READPAST, ROWLOCK)
      WHERE p.TenantId = @TenantId AND p.Status = 'PENDING' AND p.DueAt <= {now}
        AND (p.TenantBatchId IS NULL OR p.TenantBatchId <> @BatchId)
        AND EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
        AND EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
      ORDER BY p.Priority DESC, p.DueAt, p.Id) c ON c.Id = r.Id;

-- name: ClaimOldestRuns
-- Claims the tenant's due runs that have waited longest, whatever their priority; otherwise as ClaimPendingRuns.
-- Only for a batch that is still live and a tenant that is not paused; a run that a batch has had once is not given to it again.
-- One statement: two workers never get the same run.
-- UPDLOCK takes the rows while choosing them, READPAST skips what another worker is taking, ROWLOCK keeps neighbours free.
-- INDEX: it has the runs in the order they are claimed in. By another, a worker would lock all of the tenant's due runs to sort them,
-- and every other worker would skip them and find nothing.
-- Parameters: @TenantId bigint, @BatchId bigint, @Owner nvarchar(200), @LeaseMs int, @Limit int
UPDATE r
SET Status = 'RUNNING', Attempt = r.Attempt + 1, IsAlone = 0, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = {now + @LeaseMs},
    StartedAt = COALESCE(r.StartedAt, {now})
OUTPUT {run columns of inserted}
FROM {schema}EvaluationRun r
JOIN (SELECT TOP (@Limit) p.Id
      FROM {schema}EvaluationRun p WITH (INDEX (IX_EvaluationRun_PendingByAge), UPDLOCK, READPAST, ROWLOCK)
      WHERE p.TenantId = @TenantId AND p.Status = 'PENDING' AND p.DueAt <= {now}
        AND (p.TenantBatchId IS NULL OR p.TenantBatchId <> @BatchId)
        AND EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
        AND EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
      ORDER BY p.DueAt, p.Id) c ON c.Id = r.Id;

-- name: DropResultsToAskAgain
-- Forgets results of a failed attempt, some at a time, so that the next attempt asks those cases again: those whose cause may pass, and with @AllErrored
-- every ERRORED one. Runs after RetryRunLater.
-- Some, because SQL Server locks the whole table when one statement takes some 5000 rows of it.
-- Parameters: @RunId bigint, @AllErrored bit, @Limit int
DELETE TOP (@Limit) FROM {schema}TestCaseResult
WHERE RunId = @RunId AND (AskAgain = 1 OR (@AllErrored = 1 AND Verdict = 'ERRORED'));

-- name: RenewRunLeases
-- Extends the leases the process holds; returns those it still has. @RunIds is a JSON array of ids.
-- FORCESEEK: a small table would be scanned, and each row locked on the way, those of a stopped process among them.
-- Parameters: @Owner nvarchar(200), @RunIds nvarchar(max), @LeaseMs int
UPDATE {schema}EvaluationRun WITH (FORCESEEK, ROWLOCK)
SET LeaseUntil = {now + @LeaseMs}
OUTPUT inserted.Id, inserted.Attempt
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j) AND Status = 'RUNNING' AND LeaseOwner = @Owner;

-- name: RequeueExpiredRuns
-- Returns runs whose lease expired to the queue, some at a time: their process vanished, and no attempt has failed. The death is counted, unless the run
-- has reached @PoisonDeaths and only waited for its turn to be worked alone. The first is due at once; each further one doubles the wait (capped).
-- READPAST: a row that a paused or hung process still locks must not stop the rescue of all the others; the next tick finds it.
-- Parameters: @PoisonDeaths int, @BackoffMs int, @MaxBackoffMs int, @Limit int
UPDATE TOP (@Limit) {schema}EvaluationRun WITH (READPAST, ROWLOCK)
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL,
    RescuedFrom = CASE WHEN DeathCount < @PoisonDeaths THEN LeaseOwner END,
    DueAt = DATEADD(millisecond, CASE WHEN DeathCount = 0 THEN 0
                                      WHEN CAST(@BackoffMs AS bigint) * POWER(2, CASE WHEN DeathCount > 21 THEN 20 ELSE DeathCount - 1 END) < @MaxBackoffMs
                                      THEN @BackoffMs * POWER(2, CASE WHEN DeathCount > 21 THEN 20 ELSE DeathCount - 1 END) ELSE @MaxBackoffMs END, {now}),
    Error = CONCAT(N'The process of attempt ', Attempt, N' (', LeaseOwner, N') vanished; the attempt does not count as failed.'),
    DeathCount = CASE WHEN DeathCount < @PoisonDeaths THEN DeathCount + 1 ELSE DeathCount END
OUTPUT {run columns of inserted}
WHERE Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 0;

-- name: FailPoisonedRun
-- Ends a run whose process vanished while it was worked alone, after others had vanished before; no row when it has been taken back already.
-- The caller holds its version, and sets it in the same transaction.
-- READPAST: a row that a paused or hung process still locks must not stop the rescue of all the others; the next tick finds it.
-- Parameters: @RunId bigint
UPDATE {schema}EvaluationRun WITH (READPAST, ROWLOCK)
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}, DeathCount = DeathCount + 1,
    Error = CONCAT(N'POISON: the server process vanished ', DeathCount + 1, N' times in a row while it worked this run, the last time (', LeaseOwner,
                   N') with no other run beside it.')
OUTPUT {run columns of inserted}
WHERE Id = @RunId AND Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 1;

-- name: BringDueTimesBack
-- Makes some waiting runs due that were created before the clock was set back: their moments lie in the future. Reads only what is not due yet.
-- READPAST: a row that someone holds is brought back by the next tick.
-- Parameters: @Limit int
UPDATE TOP (@Limit) {schema}EvaluationRun WITH (READPAST, ROWLOCK)
SET DueAt = {now}
WHERE Status = 'PENDING' AND DueAt > {now} AND CreatedAt > {now};
