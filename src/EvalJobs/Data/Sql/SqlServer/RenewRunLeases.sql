-- Extends the leases the process holds; returns those it still has. @RunIds is a JSON array of ids.
-- Parameters: @Owner nvarchar(200), @RunIds nvarchar(max), @LeaseMs int
UPDATE eval.EvaluationRun
SET LeaseUntil = DATEADD(millisecond, @LeaseMs, SYSUTCDATETIME())
OUTPUT inserted.Id, inserted.Attempt
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j) AND Status = 'RUNNING' AND LeaseOwner = @Owner;
