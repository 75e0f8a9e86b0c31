-- Forgets a process that stops, and those that vanished.
DELETE FROM WorkerServer
WHERE Owner = @Owner OR LeaseUntil < CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER);
