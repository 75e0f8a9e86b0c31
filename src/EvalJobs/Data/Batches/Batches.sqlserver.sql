-- name: StartDispatch
-- Adds the record of a tick.
-- Parameters: @Trigger varchar(20)
INSERT INTO {schema}Dispatch ([Trigger])
OUTPUT inserted.Id
VALUES (@Trigger);

-- name: ReserveBatch
-- Queues a batch for a tenant unless it has a live one: then no row. UX_TenantBatch_Live decides between two at once.
-- LOCK_TIMEOUT: a batch that a stopped process is just writing must not stop the tick for the other tenants; the next tick finds its outcome.
-- Every connection begins with LOCK_TIMEOUT -1.
-- Parameters: @DispatchId bigint, @TenantId bigint, @WorkerPool nvarchar(50), @Owner nvarchar(200), @LeaseMs int
SET LOCK_TIMEOUT 2000;
INSERT INTO {schema}TenantBatch (DispatchId, TenantId, WorkerPool, Status, LeaseOwner, LeaseUntil)
OUTPUT inserted.Id
SELECT @DispatchId, @TenantId, @WorkerPool, 'QUEUED', @Owner, {now + @LeaseMs}
WHERE NOT EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.TenantId = @TenantId AND b.Status IN ('QUEUED', 'RUNNING'));

-- name: BeginBatchInShare
-- Starts a queued batch as BeginBatch does. But while others wait, tenants whose latest attempt got no answer may hold a quarter of the pool's workers
-- on all servers together, but at least one: no row when these are all in use. Workers count them one after another; only they wait for the lock.
-- Parameters: @BatchId bigint, @Owner nvarchar(200), @LeaseMs int, @CommonPool nvarchar(50)
DECLARE @Lock int;
IF EXISTS (SELECT 1 FROM {schema}TenantBatch b JOIN {schema}Tenant t ON t.Id = b.TenantId WHERE b.Id = @BatchId AND t.UnansweredSince IS NOT NULL)
BEGIN
    EXEC @Lock = sp_getapplock @Resource = N'EvalJobs.BeginBatchInShare', @LockMode = 'Exclusive', @LockOwner = 'Transaction', @LockTimeout = 10000;
    IF @Lock < 0 THROW 50000, N'Another worker has been counting batches for 10 seconds.', 1;
END;

UPDATE b
SET Status = 'RUNNING', LeaseOwner = @Owner, LeaseUntil = {now + @LeaseMs}, StartedAt = {now}
FROM {schema}TenantBatch b
WHERE b.Id = @BatchId AND b.Status = 'QUEUED'
  AND ((SELECT t.UnansweredSince FROM {schema}Tenant t WHERE t.Id = b.TenantId) IS NULL
       OR NOT EXISTS (SELECT 1
                      FROM {schema}TenantBatch w
                      JOIN {schema}Tenant t ON t.Id = w.TenantId
                      WHERE w.Status IN ('QUEUED', 'RUNNING') AND w.Status = 'QUEUED' AND w.Id <> @BatchId AND t.UnansweredSince IS NULL AND w.LeaseUntil >= {now}
                        AND COALESCE(w.WorkerPool, @CommonPool) = COALESCE(b.WorkerPool, @CommonPool))
       OR (SELECT COUNT(*)
           FROM {schema}TenantBatch r
           JOIN {schema}Tenant t ON t.Id = r.TenantId
           WHERE r.Status IN ('QUEUED', 'RUNNING') AND r.Status = 'RUNNING' AND t.UnansweredSince IS NOT NULL AND r.LeaseUntil >= {now}
             AND COALESCE(r.WorkerPool, @CommonPool) = COALESCE(b.WorkerPool, @CommonPool))
          < (SELECT CASE WHEN COALESCE(SUM(s.WorkerCount), 0) < 8 THEN 1 ELSE SUM(s.WorkerCount) / 4 END
             FROM {schema}WorkerServer s
             WHERE s.LeaseUntil >= {now} AND s.Pool = COALESCE(b.WorkerPool, @CommonPool)));

-- name: RenewBatchLeases
-- Extends the leases of the batches the process works (@BatchIds, a JSON array) and of those it queued, some at a time, by tenant.
-- The first condition is the index's own: history is not read. Returns the tenants, of which each has one live batch.
-- Some at a time, because SQL Server locks the whole table when one statement locks about 5000 rows. No lock while choosing: other servers' batches
-- are read, too. So the conditions are repeated outside, for the row as it is when it is changed. READPAST: skips rows that other servers have
-- locked, because a stopped server does not release them. An own row that is just being written is renewed the next time, a third of a lease later.
-- Parameters: @Owner nvarchar(200), @BatchIds nvarchar(max), @LeaseMs int, @AfterTenantId bigint, @Limit int
UPDATE b
SET LeaseUntil = {now + @LeaseMs}
OUTPUT inserted.TenantId
FROM {schema}TenantBatch b
JOIN (SELECT TOP (@Limit) o.Id
      FROM {schema}TenantBatch o WITH (READPAST)
      WHERE o.Status IN ('QUEUED', 'RUNNING') AND o.LeaseOwner = @Owner AND o.TenantId > @AfterTenantId
        AND (o.Status = 'QUEUED' OR o.Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@BatchIds) j))
      ORDER BY o.TenantId) c ON c.Id = b.Id
WHERE b.Status IN ('QUEUED', 'RUNNING') AND b.LeaseOwner = @Owner;

-- name: AbandonExpiredBatches
-- Frees tenants whose live batch has an expired lease, some at a time.
-- READPAST: a row that a paused or hung process has locked must not block the others; the next tick finds it.
-- Parameters: @Limit int
UPDATE TOP (@Limit) {schema}TenantBatch WITH (READPAST, ROWLOCK)
SET Status = 'ABANDONED', FinishedAt = {now}, Error = 'The lease expired: the process that held this batch ended or could not reach the database.'
WHERE Status IN ('QUEUED', 'RUNNING') AND LeaseUntil < {now};

-- name: ListStaleQueuedBatches
-- The next batches after an id that this process queued and no worker has started for a while, with the current pool of their tenant:
-- their Hangfire jobs may be lost. The first condition is the index's own: history is not read.
-- READPAST: other servers' batches are read, too, and a row that a stopped process has locked would block every server.
-- Parameters: @Owner nvarchar(200), @OlderThanMs int, @AfterId bigint, @Limit int
SELECT TOP (@Limit) b.Id, b.HangfireJobId, b.WorkerPool, t.WorkerPool AS TenantPool
FROM {schema}TenantBatch b WITH (READPAST)
JOIN {schema}Tenant t WITH (READPAST) ON t.Id = b.TenantId
WHERE b.Status IN ('QUEUED', 'RUNNING') AND b.Status = 'QUEUED' AND b.LeaseOwner = @Owner AND b.Id > @AfterId
  AND b.QueuedAt < {now - @OlderThanMs}
ORDER BY b.Id;

-- name: ListLastBatches
-- The latest batch of each of these tenants (@TenantIds, a JSON array).
-- Parameters: @TenantIds nvarchar(max)
SELECT {batch columns of b}
FROM OPENJSON(@TenantIds) j
JOIN {schema}TenantBatch b ON b.Id = (SELECT MAX(s.Id) FROM {schema}TenantBatch s WHERE s.TenantId = CAST(j.value AS bigint));

-- name: AnnounceWorkerPool
-- Stores that a process works a pool and is still running. Only that process writes its rows, one statement at a time.
-- Parameters: @Owner nvarchar(200), @Pool nvarchar(50), @WorkerCount int, @LeaseMs int
UPDATE {schema}WorkerServer
SET WorkerCount = @WorkerCount, LeaseUntil = {now + @LeaseMs}
WHERE Owner = @Owner AND Pool = @Pool;
IF @@ROWCOUNT = 0
    INSERT INTO {schema}WorkerServer (Owner, Pool, WorkerCount, LeaseUntil)
    VALUES (@Owner, @Pool, @WorkerCount, {now + @LeaseMs});
