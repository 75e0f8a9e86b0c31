-- Locks a run for the rest of the transaction if the caller still holds it: no row means the lease is lost and nothing may be written.
UPDATE EvaluationRun
SET LeaseOwner = LeaseOwner
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;
