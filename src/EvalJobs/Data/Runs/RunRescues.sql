-- name: ListPoisonedRuns
-- Some runs whose lease expired while they were worked alone. READPAST: a row that a paused or hung process has locked must not block the rescue.
-- Parameters: @Limit int
SELECT {top @Limit} Id, VersionId
FROM {schema}EvaluationRun {with READPAST, ROWLOCK}
WHERE Status = 'RUNNING' AND LeaseUntil < {now} AND IsAlone = 1
ORDER BY Id
{limit @Limit};
