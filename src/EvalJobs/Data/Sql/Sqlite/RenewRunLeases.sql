-- Extends the leases the process holds; returns those it still has. @RunIds is a JSON array of ids.
UPDATE EvaluationRun
SET LeaseUntil = CAST(ROUND(unixepoch('subsec') * 1000) AS INTEGER) + @LeaseMs
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND Status = 'RUNNING' AND LeaseOwner = @Owner
RETURNING Id, Attempt;
