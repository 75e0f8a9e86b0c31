-- Forgets a process that stops, and those that vanished.
-- Parameters: @Owner nvarchar(200)
DELETE FROM eval.WorkerServer
WHERE Owner = @Owner OR LeaseUntil < SYSUTCDATETIME();
