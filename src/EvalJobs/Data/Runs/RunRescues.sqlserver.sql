-- name: RequeueExpiredRuns
-- Returns runs whose lease expired to the queue, some at a time: their process ended or could not reach the database, and no attempt has failed. The process end is counted, unless the run
-- has reached @PoisonDeaths and only waited to be worked alone. The first is due at once; each further one doubles the wait (capped).
-- READPAST: a row that a paused or hung process has locked must not block the rescue of all the others; the next tick finds it.
-- Parameters: @PoisonDeaths int, @BackoffMs int, @MaxBackoffMs int, @Limit int
UPDATE TOP (@Limit) {schema}EvaluationRun WITH (READPAST, ROWLOCK)
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL,
    RescuedFrom = CASE WHEN DeathCount < @PoisonDeaths THEN LeaseOwner END,
    DueAt = DATEADD(millisecond, CASE WHEN DeathCount = 0 THEN 0
                                      WHEN CAST(@BackoffMs AS bigint) * POWER(2, CASE WHEN DeathCount > 21 THEN 20 ELSE DeathCount - 1 END) < @MaxBackoffMs
                                      THEN @BackoffMs * POWER(2, CASE WHEN DeathCount > 21 THEN 20 ELSE DeathCount - 1 END) ELSE @MaxBackoffMs END, {now}),
    Error = CONCAT(N'The lease of attempt ', Attempt, N' (', LeaseOwner, N') expired: its process ended or could not reach the database. The attempt does not count as failed.'),
    DeathCount = CASE WHEN DeathCount < @PoisonDeaths THEN DeathCount + 1 ELSE DeathCount END
OUTPUT {run columns of inserted}
WHERE Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 0;

-- name: FailPoisonedRun
-- Ends a run whose lease expired while it was worked alone, after others of it had expired before; no row when it was rescued already.
-- The caller holds its version, and changes it in the same transaction.
-- READPAST: a row that a paused or hung process has locked must not block the rescue of all the others; the next tick finds it.
-- Parameters: @RunId bigint
UPDATE {schema}EvaluationRun WITH (READPAST, ROWLOCK)
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}, DeathCount = DeathCount + 1,
    Error = CONCAT(N'POISON: the server process ended ', DeathCount + 1, N' times in a row while it worked this run, the last time (', LeaseOwner,
                   N') while it was worked alone.')
OUTPUT {run columns of inserted}
WHERE Id = @RunId AND Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 1;

-- name: ResetFutureDueTimes
-- Makes some pending runs due that were created before the clock was set back, so that their due time lies in the future. Reads only runs that are not due yet.
-- READPAST: a locked row is repaired by the next tick.
-- Parameters: @Limit int
UPDATE TOP (@Limit) {schema}EvaluationRun WITH (READPAST, ROWLOCK)
SET DueAt = {now}
WHERE Status = 'PENDING' AND DueAt > {now} AND CreatedAt > {now};
