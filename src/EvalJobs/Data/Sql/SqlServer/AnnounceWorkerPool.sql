-- A process says that it works a pool, and that it still lives. Only that process writes its rows, one statement at a time.
-- Parameters: @Owner nvarchar(200), @Pool nvarchar(50), @WorkerCount int, @LeaseMs int
UPDATE eval.WorkerServer
SET WorkerCount = @WorkerCount, LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME())
WHERE Owner = @Owner AND Pool = @Pool;
IF @@ROWCOUNT = 0
    INSERT INTO eval.WorkerServer (Owner, Pool, WorkerCount, LeaseUntil)
    VALUES (@Owner, @Pool, @WorkerCount, DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME()));
