-- name: StartDispatch
-- Adds the record of a tick.
INSERT INTO {schema}Dispatch ([Trigger])
VALUES (@Trigger)
RETURNING Id;

-- name: ReserveBatch
-- Queues a batch for a tenant unless it has a live one: then no row. UX_TenantBatch_Live decides between two at once.
INSERT INTO {schema}TenantBatch (DispatchId, TenantId, WorkerPool, Status, LeaseOwner, LeaseUntil)
VALUES (@DispatchId, @TenantId, @WorkerPool, 'QUEUED', @Owner, {now + @LeaseMs})
ON CONFLICT DO NOTHING
RETURNING Id;

-- name: BeginBatchInShare
-- Starts a queued batch as BeginBatch does. But while others wait, tenants whose latest attempt got no answer may hold a quarter of the pool's workers
-- on all servers together, but at least one: no row when these are all in use. Only one writer at a time counts them.
UPDATE {schema}TenantBatch
SET Status = 'RUNNING', LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, StartedAt = {now}
WHERE Id = @BatchId AND Status = 'QUEUED'
  AND ((SELECT t.UnansweredSince FROM {schema}Tenant t WHERE t.Id = TenantBatch.TenantId) IS NULL
       OR NOT EXISTS (SELECT 1
                      FROM {schema}TenantBatch w
                      JOIN {schema}Tenant t ON t.Id = w.TenantId
                      WHERE w.Status IN ('QUEUED', 'RUNNING') AND w.Status = 'QUEUED' AND w.Id <> @BatchId AND t.UnansweredSince IS NULL AND w.LeaseUntil >= {now}
                        AND COALESCE(w.WorkerPool, @CommonPool) = COALESCE(TenantBatch.WorkerPool, @CommonPool))
       OR (SELECT COUNT(*)
           FROM {schema}TenantBatch r
           JOIN {schema}Tenant t ON t.Id = r.TenantId
           WHERE r.Status IN ('QUEUED', 'RUNNING') AND r.Status = 'RUNNING' AND t.UnansweredSince IS NOT NULL AND r.LeaseUntil >= {now}
             AND COALESCE(r.WorkerPool, @CommonPool) = COALESCE(TenantBatch.WorkerPool, @CommonPool))
          < (SELECT CASE WHEN COALESCE(SUM(s.WorkerCount), 0) < 8 THEN 1 ELSE SUM(s.WorkerCount) / 4 END
             FROM {schema}WorkerServer s
             WHERE s.LeaseUntil >= {now} AND s.Pool = COALESCE(TenantBatch.WorkerPool, @CommonPool)));

-- name: RenewBatchLeases
-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued, some at a time, by tenant.
-- The first condition is the index's own: history is not read. Returns the tenants, of which each has one live batch.
UPDATE {schema}TenantBatch
SET LeaseUntil = {now + @LeaseMs}
WHERE Id IN (SELECT Id
             FROM {schema}TenantBatch
             WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseOwner = @Owner AND TenantId > @AfterTenantId
               AND (Status = 'QUEUED' OR Id IN (SELECT value FROM json_each(@BatchIds)))
             ORDER BY TenantId
             LIMIT @Limit)
RETURNING TenantId;

-- name: AbandonExpiredBatches
-- Frees tenants whose live batch has an expired lease, some at a time.
UPDATE {schema}TenantBatch
SET Status = 'ABANDONED', FinishedAt = {now}, Error = 'The lease expired: the process that held this batch ended or could not reach the database.'
WHERE Id IN (SELECT Id FROM {schema}TenantBatch WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseUntil < {now} LIMIT @Limit);

-- name: ListStaleQueuedBatches
-- The next batches after an id that this process queued and no worker has started for a while, with the current pool of their tenant:
-- their Hangfire jobs may be lost. The first condition is the index's own: history is not read.
SELECT b.Id, b.HangfireJobId, b.WorkerPool, t.WorkerPool AS TenantPool
FROM {schema}TenantBatch b
JOIN {schema}Tenant t ON t.Id = b.TenantId
WHERE b.Status IN ('QUEUED', 'RUNNING') AND b.Status = 'QUEUED' AND b.LeaseOwner = @Owner AND +b.Id > @AfterId
  AND b.QueuedAt < {now - @OlderThanMs}
ORDER BY +b.Id
LIMIT @Limit;

-- name: ListLastBatches
-- The latest batch of each of these tenants (@TenantIds, a JSON array).
SELECT {batch columns of b}
FROM json_each(@TenantIds) j
JOIN {schema}TenantBatch b ON b.Id = (SELECT MAX(s.Id) FROM {schema}TenantBatch s WHERE s.TenantId = j.value);

-- name: AnnounceWorkerPool
-- Stores that a process works a pool and is still running.
INSERT INTO {schema}WorkerServer (Owner, Pool, WorkerCount, LeaseUntil)
VALUES (@Owner, @Pool, @WorkerCount, {now + @LeaseMs})
ON CONFLICT (Owner, Pool) DO UPDATE
SET WorkerCount = excluded.WorkerCount, LeaseUntil = excluded.LeaseUntil;
