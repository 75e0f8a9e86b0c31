-- name: HoldRun
-- Locks a run for the rest of the transaction if the caller still holds it: no row means the lease is lost and nothing may be written.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE {schema}EvaluationRun
SET LeaseOwner = LeaseOwner
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: FindAnsweredCase
-- A case of the run that the agent has answered. Asking it again shows whether the agent is away or only cannot answer some cases.
-- Parameters: @RunId bigint
SELECT {top 1} {case columns of c}
FROM {schema}TestCaseResult x
JOIN {schema}TestCase c ON c.Id = x.TestCaseId
WHERE x.RunId = @RunId AND x.Verdict <> 'ERRORED'
ORDER BY x.TestCaseId
{limit 1};

-- name: ListUnansweredCases
-- The run's next cases without a result, after an ordinal and up to another: those that a new attempt must ask.
-- Parameters: @RunId bigint, @AfterOrdinal int, @UpToOrdinal int, @Limit int
SELECT {top @Limit} {case columns of c}
FROM {schema}EvaluationRun r
JOIN {schema}TestCase c ON c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
WHERE r.Id = @RunId AND c.Ordinal > @AfterOrdinal AND c.Ordinal <= @UpToOrdinal
  AND NOT EXISTS (SELECT 1 FROM {schema}TestCaseResult x WHERE x.RunId = r.Id AND x.TestCaseId = c.Id)
ORDER BY c.Ordinal
{limit @Limit};

-- name: AddCaseResult
-- Stores one result. Runs after HoldRun in the same transaction, so a process that lost its lease never gets here.
-- Parameters: @RunId bigint, @TestCaseId bigint, @Verdict varchar(20), @Score float, @Output nvarchar(max), @Error nvarchar(max), @DurationMs bigint, @InputTokens bigint, @OutputTokens bigint, @Cost float, @IsCut bit, @AskAgain bit
INSERT INTO {schema}TestCaseResult ({result columns})
VALUES ({result columns as parameters});

-- name: CopyVerdicts
-- Gives a run the results with a verdict of the run it continues, the next ones by case, some at a time.
-- Parameters: @RunId bigint, @ContinuesRunId bigint, @Limit int
INSERT INTO {schema}TestCaseResult ({result columns})
SELECT {top @Limit} @RunId, x.TestCaseId, x.Verdict, x.Score, x.Output, x.Error, x.DurationMs, x.InputTokens, x.OutputTokens, x.Cost, x.IsCut, x.AskAgain
FROM {schema}TestCaseResult x
WHERE x.RunId = @ContinuesRunId AND x.Verdict IN ('PASSED', 'FAILED')
  AND x.TestCaseId > COALESCE((SELECT MAX(n.TestCaseId) FROM {schema}TestCaseResult n WHERE n.RunId = @RunId), 0)
ORDER BY x.TestCaseId
{limit @Limit};

-- name: TallyRun
-- Counts a run's results. The overall score is the weighted mean of the scores that exist.
-- Parameters: @RunId bigint
SELECT r.CaseCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END), 0) AS PassedCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END), 0) AS ErroredCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END), 0) AS UnscoredCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'ERRORED' AND x.AskAgain = 1 THEN 1 ELSE 0 END), 0) AS UnansweredCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'UNSCORED' AND x.AskAgain = 1 THEN 1 ELSE 0 END), 0) AS UnjudgedCount,
       COALESCE(SUM(CASE WHEN x.IsCut = 1 THEN 1 ELSE 0 END), 0) AS CutCount,
       SUM(x.Score * c.Weight) / SUM(CASE WHEN x.Score IS NOT NULL THEN c.Weight END) AS OverallScore,
       SUM(x.InputTokens) AS InputTokens, SUM(x.OutputTokens) AS OutputTokens, SUM(x.Cost) AS Cost
FROM {schema}EvaluationRun r
LEFT JOIN {schema}TestCaseResult x ON x.RunId = r.Id
LEFT JOIN {schema}TestCase c ON c.Id = x.TestCaseId
WHERE r.Id = @RunId
GROUP BY r.Id, r.CaseCount;

-- name: CompleteRun
-- Ends a run with its figures, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), {run figures declared}
UPDATE {schema}EvaluationRun
SET Status = 'COMPLETED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}, Error = NULL,
    {run figures assigned}
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: FailRun
-- Ends a run with the reason and what figures there are, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @Error nvarchar(max), {run figures declared}
UPDATE {schema}EvaluationRun
SET Status = 'FAILED', LeaseOwner = NULL, LeaseUntil = NULL, FailedAttempts = FailedAttempts + 1, LastFailedAt = {now}, CompletedAt = {now}, Error = @Error,
    {run figures assigned}
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: RetryRunLater
-- Returns a run whose attempt failed to the queue, due after a wait, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @Error nvarchar(max)
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, FailedAttempts = FailedAttempts + 1, LastFailedAt = {now}, DeathCount = 0, DueAt = {now + @DelayMs}, Error = @Error
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: ReleaseRun
-- Releases an unfinished run at once, if the caller still holds it. Its attempt has not failed, and its process has not ended.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DeathCount = 0
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: PostponeRun
-- Releases an unfinished run, due after a wait, if the caller still holds it. The attempt does not count as failed.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @Error nvarchar(max)
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DueAt = {now + @DelayMs}, Error = @Error
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: PostponeRunShortOfMemory
-- Releases a run, due after a wait, because the process ran out of memory while it worked the run. It counts like the end of the process, and not as a failed
-- attempt: a run that was worked each time is then worked alone. Only if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200), @DelayMs int, @Error nvarchar(max)
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DueAt = {now + @DelayMs}, Error = @Error, DeathCount = DeathCount + 1, RescuedFrom = NULL
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: ReleaseRunToEnd
-- Releases an unfinished run to the end of the queue, if the caller still holds it. The attempt does not count as failed, and the agent answers; the run continues later.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE {schema}EvaluationRun
SET Status = 'PENDING', LeaseOwner = NULL, LeaseUntil = NULL, DeathCount = 0, LastFailedAt = NULL, DueAt = {now}
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: ListHeldRuns
-- Which of these runs the process still holds. Reads only: it runs every second, so that a cancelled run stops at once.
-- Parameters: @Owner nvarchar(200), @RunIds nvarchar(max)
SELECT Id, Attempt
FROM {schema}EvaluationRun
WHERE Id IN ({ids @RunIds}) AND Status = 'RUNNING' AND LeaseOwner = @Owner;

-- name: SetRunFigures
-- Stores the figures of the results of a run that was ended by another process than its worker. Runs after FailPoisonedRun or CancelRun in the same transaction.
-- Parameters: @RunId bigint, {run figures declared}
UPDATE {schema}EvaluationRun
SET {run figures assigned}
WHERE Id = @RunId AND Status IN ('FAILED', 'CANCELLED');

-- name: MarkRunAlone
-- Records that the run is now the only one worked in its process, if the caller still holds it.
-- Parameters: @RunId bigint, @Attempt int, @Owner nvarchar(200)
UPDATE {schema}EvaluationRun
SET IsAlone = 1
WHERE Id = @RunId AND Status = 'RUNNING' AND Attempt = @Attempt AND LeaseOwner = @Owner;

-- name: WithdrawDeath
-- Subtracts the process end that a rescue counted, when the process was only cut off from the database.
-- Parameters: @RunId bigint, @Owner nvarchar(200)
UPDATE {schema}EvaluationRun
SET DeathCount = DeathCount - 1, RescuedFrom = NULL
WHERE Id = @RunId AND Status IN ('PENDING', 'RUNNING') AND RescuedFrom = @Owner AND DeathCount > 0;
