-- name: RequeueExpiredRuns
-- Returns runs whose lease expired to the queue, some at a time: their process ended or could not reach the database, and no attempt has failed. The process end is counted, unless the run
-- has reached @PoisonDeaths and only waited to be worked alone. The first is due at once; each further one doubles the wait (capped).
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL,
    RescuedFrom = CASE WHEN DeathCount < @PoisonDeaths THEN LeaseOwner END,
    DueAt = {now} + CASE WHEN DeathCount = 0 THEN 0 ELSE MIN(@BackoffMs * (1 << MIN(DeathCount - 1, 20)), @MaxBackoffMs) END,
    Error = 'The lease of attempt ' || Attempt || ' (' || LeaseOwner || ') expired: its process ended or could not reach the database. The attempt does not count as failed.',
    DeathCount = CASE WHEN DeathCount < @PoisonDeaths THEN DeathCount + 1 ELSE DeathCount END
WHERE Id IN (SELECT Id FROM {schema}EvaluationRun WHERE Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 0 LIMIT @Limit)
RETURNING {run columns};

-- name: FailPoisonedRun
-- Ends a run whose lease expired while it was worked alone, after others of it had expired before; no row when it was rescued already.
-- The caller holds its version, and changes it in the same transaction.
UPDATE {schema}EvaluationRun
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}, DeathCount = DeathCount + 1,
    Error = 'POISON: the server process ended ' || (DeathCount + 1) || ' times in a row while it worked this run, the last time (' || LeaseOwner || ') while it was worked alone.'
WHERE Id = @RunId AND Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 1
RETURNING {run columns};

-- name: ResetFutureDueTimes
-- Makes some pending runs due that were created before the clock was set back, so that their due time lies in the future. Reads only runs that are not due yet.
UPDATE {schema}EvaluationRun
SET DueAt = {now}
WHERE Id IN (SELECT Id FROM {schema}EvaluationRun INDEXED BY IX_EvaluationRun_PendingByDue WHERE Status = 'PENDING' AND DueAt > {now} AND CreatedAt > {now} LIMIT @Limit);
