-- The living processes and the pools they work.
-- Parameters: none
SELECT Owner, Pool, WorkerCount, StartedAt, LeaseUntil
FROM eval.WorkerServer
WHERE LeaseUntil >= SYSUTCDATETIME()
ORDER BY Pool, Owner;
