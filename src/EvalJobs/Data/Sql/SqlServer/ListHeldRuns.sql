-- Which of these runs the process still holds. Reads only: it runs every second, so that a cancelled run stops at once.
-- Parameters: @Owner nvarchar(200), @RunIds nvarchar(max)
SELECT Id, Attempt
FROM eval.EvaluationRun
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j) AND Status = 'RUNNING' AND LeaseOwner = @Owner;
