-- A process says that it works a pool, and that it still lives.
INSERT INTO WorkerServer (Owner, Pool, WorkerCount, LeaseUntil)
VALUES (@Owner, @Pool, @WorkerCount, CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs)
ON CONFLICT (Owner, Pool) DO UPDATE
SET WorkerCount = excluded.WorkerCount, LeaseUntil = excluded.LeaseUntil;
