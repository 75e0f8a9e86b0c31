-- The living processes and the pools they work.
SELECT Owner, Pool, WorkerCount, StartedAt, LeaseUntil
FROM WorkerServer
WHERE LeaseUntil >= CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER)
ORDER BY Pool, Owner;
