-- Which of these runs the process still holds. Reads only: it runs every second, so that a cancelled run stops at once.
SELECT Id, Attempt
FROM EvaluationRun
WHERE Id IN (SELECT value FROM json_each(@RunIds)) AND Status = 'RUNNING' AND LeaseOwner = @Owner;
