-- name: ClaimPendingRuns
-- Claims the tenant's first due runs by priority, due time and id: RUNNING, with one more attempt, leased to the owner.
-- Only for a batch that is still live and a tenant that is not paused; a batch never gets the same run twice.
-- One statement: two workers never get the same run.
-- UPDLOCK locks the rows while choosing them, READPAST skips rows that another worker is claiming, ROWLOCK leaves other rows free.
-- INDEX: it has the runs in the order of claims. With another index, a worker would lock all of the tenant's due runs to sort them,
-- and every other worker would skip them and find nothing.
-- Parameters: @TenantId bigint, @BatchId bigint, @Owner nvarchar(200), @LeaseMs int, @Limit int
UPDATE r
SET Status = 'RUNNING', Attempt = r.Attempt + 1, IsAlone = 0, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = {now + @LeaseMs},
    StartedAt = COALESCE(r.StartedAt, {now})
OUTPUT {run columns of inserted}
FROM {schema}EvaluationRun r
JOIN (SELECT TOP (@Limit) p.Id
      FROM {schema}EvaluationRun p WITH (INDEX (IX_EvaluationRun_Pending), UPDLOCK, READPAST, ROWLOCK)
      WHERE p.TenantId = @TenantId AND p.Status = 'PENDING' AND p.DueAt <= {now}
        AND (p.TenantBatchId IS NULL OR p.TenantBatchId <> @BatchId)
        AND EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
        AND EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
      ORDER BY p.Priority DESC, p.DueAt, p.Id) c ON c.Id = r.Id;

-- name: ClaimOldestRuns
-- Claims the tenant's due runs that have waited longest, whatever their priority; otherwise as ClaimPendingRuns.
-- Only for a batch that is still live and a tenant that is not paused; a batch never gets the same run twice.
-- One statement: two workers never get the same run.
-- UPDLOCK locks the rows while choosing them, READPAST skips rows that another worker is claiming, ROWLOCK leaves other rows free.
-- INDEX: it has the runs in the order of claims. With another index, a worker would lock all of the tenant's due runs to sort them,
-- and every other worker would skip them and find nothing.
-- Parameters: @TenantId bigint, @BatchId bigint, @Owner nvarchar(200), @LeaseMs int, @Limit int
UPDATE r
SET Status = 'RUNNING', Attempt = r.Attempt + 1, IsAlone = 0, LeaseOwner = @Owner, TenantBatchId = @BatchId,
    LeaseUntil = {now + @LeaseMs},
    StartedAt = COALESCE(r.StartedAt, {now})
OUTPUT {run columns of inserted}
FROM {schema}EvaluationRun r
JOIN (SELECT TOP (@Limit) p.Id
      FROM {schema}EvaluationRun p WITH (INDEX (IX_EvaluationRun_PendingByAge), UPDLOCK, READPAST, ROWLOCK)
      WHERE p.TenantId = @TenantId AND p.Status = 'PENDING' AND p.DueAt <= {now}
        AND (p.TenantBatchId IS NULL OR p.TenantBatchId <> @BatchId)
        AND EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = @TenantId AND t.IsPaused = 0)
        AND EXISTS (SELECT 1 FROM {schema}TenantBatch b WHERE b.Id = @BatchId AND b.Status = 'RUNNING' AND b.LeaseOwner = @Owner)
      ORDER BY p.DueAt, p.Id) c ON c.Id = r.Id;

-- name: DropResultsToAskAgain
-- Deletes results of a failed attempt, some at a time, so that the next attempt asks those cases again: those with a temporary cause, and with @AllErrored
-- every ERRORED one. Runs after RetryRunLater.
-- Some at a time, because SQL Server locks the whole table when one statement locks about 5000 rows.
-- Parameters: @RunId bigint, @AllErrored bit, @Limit int
DELETE TOP (@Limit) FROM {schema}TestCaseResult
WHERE RunId = @RunId AND (AskAgain = 1 OR (@AllErrored = 1 AND Verdict = 'ERRORED'));

-- name: RenewRunLeases
-- Extends the leases the process holds; returns those it still has. @RunIds is a JSON array of ids.
-- FORCESEEK: a scan of a small table would lock each row, and wait for rows of a stopped process.
-- Parameters: @Owner nvarchar(200), @RunIds nvarchar(max), @LeaseMs int
UPDATE {schema}EvaluationRun WITH (FORCESEEK, ROWLOCK)
SET LeaseUntil = {now + @LeaseMs}
OUTPUT inserted.Id, inserted.Attempt
WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j) AND Status = 'RUNNING' AND LeaseOwner = @Owner;
