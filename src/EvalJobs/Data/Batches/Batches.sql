-- list: batch columns
Id, DispatchId, TenantId, WorkerPool, Status, HangfireJobId, LeaseOwner, LeaseUntil, QueuedAt, StartedAt, FinishedAt,
ClaimedCount, CompletedCount, FailedCount, ReleasedCount, Error

-- name: FinishDispatch
-- Completes the record of a tick with its counts.
-- Parameters: @DispatchId bigint, @RequeuedCount int, @ExhaustedCount int, @AbandonedBatchCount int, @TenantCount int, @QueuedBatchCount int
UPDATE {schema}Dispatch
SET FinishedAt = {now}, RequeuedCount = @RequeuedCount, ExhaustedCount = @ExhaustedCount,
    AbandonedBatchCount = @AbandonedBatchCount, TenantCount = @TenantCount, QueuedBatchCount = @QueuedBatchCount
WHERE Id = @DispatchId;

-- name: ListDispatches
-- The latest ticks, newest first.
-- Parameters: @Limit int
SELECT {top @Limit} Id, [Trigger], StartedAt, FinishedAt, RequeuedCount, ExhaustedCount, AbandonedBatchCount, TenantCount, QueuedBatchCount
FROM {schema}Dispatch
ORDER BY Id DESC
{limit @Limit};

-- name: ListTenantsDue
-- Tenants with due work, neither paused nor already being served, the one served longest ago first.
-- Reads the pending index only: the cost follows the pending work, not the history.
-- READPAST: only the rows that a stopped process has locked (a run, a batch, a tenant) wait for the next tick. A tenant whose live batch is just being
-- written is seen as not served: ReserveBatch decides.
-- RECOMPILE: without it, PARAMETERIZATION FORCED would replace the literals, those of the filtered index among them, as the text has no parameters.
-- Parameters: none
SELECT {tenant columns of t}
FROM {schema}Tenant t {with READPAST}
JOIN (SELECT TenantId, MIN(DueAt) AS FirstDueAt
      FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_PendingByAge} {with READPAST}
      WHERE Status = 'PENDING' AND DueAt <= {now}
      GROUP BY TenantId) p ON p.TenantId = t.Id
WHERE t.IsPaused = 0
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b {with READPAST} WHERE b.TenantId = t.Id AND b.Status IN ('QUEUED', 'RUNNING'))
ORDER BY COALESCE((SELECT MAX(s.Id) FROM {schema}TenantBatch s {with READPAST} WHERE s.TenantId = t.Id), 0), p.FirstDueAt, t.Id
{recompile};

-- name: ListTenantsLatelyDue
-- Of the tenants of ListTenantsDue those with work that came due within so long a time, in the same order.
-- Reads that part of the pending work only. READPAST: as there.
-- Parameters: @WithinMs int
SELECT {tenant columns of t}
FROM {schema}Tenant t {with READPAST}
JOIN (SELECT TenantId, MIN(DueAt) AS FirstDueAt
      FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_PendingByDue} {with READPAST}
      WHERE Status = 'PENDING' AND DueAt <= {now} AND DueAt > {now - @WithinMs}
      GROUP BY TenantId) p ON p.TenantId = t.Id
WHERE t.IsPaused = 0
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b {with READPAST} WHERE b.TenantId = t.Id AND b.Status IN ('QUEUED', 'RUNNING'))
ORDER BY COALESCE((SELECT MAX(s.Id) FROM {schema}TenantBatch s {with READPAST} WHERE s.TenantId = t.Id), 0), p.FirstDueAt, t.Id;

-- name: ListTenantsNewlyDue
-- Of the tenants of ListTenantsDue those with work that came due within so long a time since their newest batch was queued: work that this batch left is
-- for its continuation or the tick. The same order. Reads that part of the pending work only. READPAST: as in ListTenantsDue.
-- Parameters: @WithinMs int
SELECT {tenant columns of t}
FROM {schema}Tenant t {with READPAST}
JOIN (SELECT TenantId, MIN(DueAt) AS FirstDueAt, MAX(DueAt) AS LastDueAt
      FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_PendingByDue} {with READPAST}
      WHERE Status = 'PENDING' AND DueAt <= {now} AND DueAt > {now - @WithinMs}
      GROUP BY TenantId) p ON p.TenantId = t.Id
WHERE t.IsPaused = 0
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b {with READPAST} WHERE b.TenantId = t.Id AND b.Status IN ('QUEUED', 'RUNNING'))
  AND NOT EXISTS (SELECT 1 FROM {schema}TenantBatch n {with READPAST}
                  WHERE n.Id = (SELECT MAX(m.Id) FROM {schema}TenantBatch m {with READPAST} WHERE m.TenantId = t.Id) AND n.QueuedAt > p.LastDueAt)
ORDER BY COALESCE((SELECT MAX(s.Id) FROM {schema}TenantBatch s {with READPAST} WHERE s.TenantId = t.Id), 0), p.FirstDueAt, t.Id;

-- name: HasDueRuns
-- Whether a tenant that is not paused has work due now. READPAST: rows that are just being written count as not due.
-- Parameters: @TenantId bigint
SELECT COUNT(*) AS HasDue
FROM {schema}Tenant t {with READPAST}
WHERE t.Id = @TenantId AND t.IsPaused = 0
  AND EXISTS (SELECT 1 FROM {schema}EvaluationRun r {with READPAST} WHERE r.TenantId = t.Id AND r.Status = 'PENDING' AND r.DueAt <= {now});

-- name: SetBatchJob
-- Stores the Hangfire job of a batch.
-- Parameters: @BatchId bigint, @HangfireJobId nvarchar(100)
UPDATE {schema}TenantBatch
SET HangfireJobId = @HangfireJobId
WHERE Id = @BatchId;

-- name: BeginBatch
-- Starts a queued batch. No row: it was abandoned or is already being worked, so this job has nothing to do.
-- Counted and read afterwards, instead of OUTPUT: SetBatchJob may hold the row at this moment, and a TDS server returned no row after such
-- a wait. The batch would then wait until its lease expires, without a worker.
-- Parameters: @BatchId bigint, @Owner nvarchar(200), @LeaseMs int
UPDATE {schema}TenantBatch
SET Status = 'RUNNING', LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, StartedAt = {now}
WHERE Id = @BatchId AND Status = 'QUEUED';

-- name: AreOthersWaiting
-- Whether a batch of another tenant waits for a worker of the same pool. READPAST: a batch that is just being written does not count.
-- Parameters: @BatchId bigint, @CommonPool nvarchar(50)
SELECT COUNT(*) AS WaitingCount
FROM (SELECT {top 1} w.Id
      FROM {schema}TenantBatch b
      JOIN {schema}TenantBatch w {with READPAST} ON w.Status IN ('QUEUED', 'RUNNING') AND w.Status = 'QUEUED' AND w.TenantId <> b.TenantId
        AND COALESCE(w.WorkerPool, @CommonPool) = COALESCE(b.WorkerPool, @CommonPool)
      WHERE b.Id = @BatchId AND w.LeaseUntil >= {now}
      {limit 1}) d;

-- name: FinishBatch
-- Ends a batch with its counts, if its worker still holds it.
-- Parameters: @BatchId bigint, @Owner nvarchar(200), @Status varchar(20), @ClaimedCount int, @CompletedCount int, @FailedCount int, @ReleasedCount int, @Error nvarchar(max)
UPDATE {schema}TenantBatch
SET Status = @Status, FinishedAt = {now}, ClaimedCount = @ClaimedCount, CompletedCount = @CompletedCount,
    FailedCount = @FailedCount, ReleasedCount = @ReleasedCount, Error = @Error
WHERE Id = @BatchId AND Status = 'RUNNING' AND LeaseOwner = @Owner;

-- name: AbandonQueuedBatch
-- Frees a tenant whose queued batch has no Hangfire job any more.
-- Parameters: @BatchId bigint, @Error nvarchar(max)
UPDATE {schema}TenantBatch
SET Status = 'ABANDONED', FinishedAt = {now}, Error = @Error
WHERE Id = @BatchId AND Status = 'QUEUED';

-- name: GetBatch
-- One batch.
-- Parameters: @BatchId bigint
SELECT {batch columns}
FROM {schema}TenantBatch
WHERE Id = @BatchId;

-- name: CountLiveBatches
-- Batches that are queued or being worked. RECOMPILE: as in ListTenantsDue.
-- Parameters: none
SELECT COUNT(*) AS LiveCount
FROM {schema}TenantBatch
WHERE Status IN ('QUEUED', 'RUNNING')
{recompile};

-- name: ListBatches
-- A tenant's latest batches, newest first.
-- Parameters: @TenantId bigint, @Limit int
SELECT {top @Limit} {batch columns of b}
FROM {schema}TenantBatch b
WHERE b.TenantId = @TenantId
ORDER BY b.Id DESC
{limit @Limit};

-- name: WithdrawWorkerServers
-- Deletes the rows of a process that stops, and of those whose lease expired. READPAST: a process that is just writing its row has not ended.
-- Parameters: @Owner nvarchar(200)
DELETE FROM {schema}WorkerServer {with READPAST, ROWLOCK}
WHERE Owner = @Owner OR LeaseUntil < {now};

-- name: ListWorkerServers
-- The running processes and the pools they work. READPAST: a process that was stopped while it wrote its row does not block the list.
-- Parameters: none
SELECT Owner, Pool, WorkerCount, StartedAt, LeaseUntil
FROM {schema}WorkerServer {with READPAST}
WHERE LeaseUntil >= {now}
ORDER BY Pool, Owner;
