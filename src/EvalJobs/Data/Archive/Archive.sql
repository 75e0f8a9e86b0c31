-- name: ListArchivableRuns
-- Ended runs past retention, oldest first. A restored run has a new retention period.
-- A run has at most CaseCount results: so they need not be counted while the write lock is held. UPDLOCK and READPAST: two cleanups at once take different runs.
-- Parameters: @Days int, @Limit int
SELECT {top @Limit} Id, CaseCount
FROM {schema}EvaluationRun {with UPDLOCK, READPAST, ROWLOCK}
WHERE CompletedAt < {now - @Days days}
  AND (RestoredAt IS NULL OR RestoredAt < {now - @Days days})
ORDER BY CompletedAt, Id
{limit @Limit};

-- name: CopyRunsToArchive
-- Copies ended runs to the archive. @RunIds is a JSON array of ids.
-- UPDLOCK and HOLDLOCK: the copied rows are deleted next, and no other transaction may delete them in between.
-- Parameters: @RunIds nvarchar(max)
INSERT INTO {schema}EvaluationRunArchive ({run columns})
SELECT {run columns}
FROM {schema}EvaluationRun {with UPDLOCK, HOLDLOCK}
WHERE Id IN ({ids @RunIds}) AND CompletedAt IS NOT NULL;

-- name: CopyResultsToArchive
-- Copies results of those runs, at most so many: a large run moves a part at a time.
-- UPDLOCK and HOLDLOCK: the copied rows are deleted next, and no other transaction may delete them in between.
-- Parameters: @RunIds nvarchar(max), @Limit int
INSERT INTO {schema}TestCaseResultArchive ({result columns})
SELECT {top @Limit} {result columns}
FROM {schema}TestCaseResult {with UPDLOCK, HOLDLOCK}
WHERE RunId IN ({ids @RunIds})
ORDER BY RunId, TestCaseId
{limit @Limit};

-- name: DeleteRuns
-- Deletes the copied runs; the caller compares the counts before it commits.
-- Parameters: @RunIds nvarchar(max)
DELETE FROM {schema}EvaluationRun
WHERE Id IN ({ids @RunIds}) AND CompletedAt IS NOT NULL;

-- name: FindArchivedRun
-- Where a run is, and which of its references are missing: a restore needs both. No row when the run does not exist.
-- UPDLOCK and HOLDLOCK: two restores of a run, or a restore and a purge, run one after the other. The live run is locked first, as in the cleanup.
-- Parameters: @RunId bigint
SELECT a.TenantId, a.SuiteId, a.VersionId, a.IsArchived,
       CASE WHEN EXISTS (SELECT 1 FROM {schema}TestCaseResultArchive x WHERE x.RunId = a.Id) THEN 1 ELSE 0 END AS HasArchivedResults,
       CASE WHEN EXISTS (SELECT 1 FROM {schema}Tenant t WHERE t.Id = a.TenantId) THEN 1 ELSE 0 END AS HasTenant,
       CASE WHEN EXISTS (SELECT 1 FROM {schema}EvaluationSuite s WHERE s.Id = a.SuiteId) THEN 1 ELSE 0 END AS HasSuite,
       CASE WHEN EXISTS (SELECT 1 FROM {schema}AgentVersion v WHERE v.Id = a.VersionId) THEN 1 ELSE 0 END AS HasVersion,
       (SELECT COUNT(*)
        FROM {schema}TestCaseResultArchive x
        WHERE x.RunId = a.Id AND NOT EXISTS (SELECT 1 FROM {schema}TestCase c WHERE c.Id = x.TestCaseId)) AS MissingCaseCount
FROM (SELECT Id, TenantId, SuiteId, VersionId, 0 AS IsArchived
      FROM {schema}EvaluationRun {with UPDLOCK, HOLDLOCK}
      WHERE Id = @RunId
      UNION ALL
      SELECT Id, TenantId, SuiteId, VersionId, 1 AS IsArchived
      FROM {schema}EvaluationRunArchive {with UPDLOCK, HOLDLOCK}
      WHERE Id = @RunId) a;

-- name: CopyResultsFromArchive
-- Copies archived results of those runs back, at most so many.
-- UPDLOCK and HOLDLOCK: the copied rows are deleted next, and no other transaction may delete them in between.
-- Parameters: @RunIds nvarchar(max), @Limit int
INSERT INTO {schema}TestCaseResult ({result columns})
SELECT {top @Limit} {result columns}
FROM {schema}TestCaseResultArchive {with UPDLOCK, HOLDLOCK}
WHERE RunId IN ({ids @RunIds})
ORDER BY RunId, TestCaseId
{limit @Limit};

-- name: MarkRunRestored
-- Gives a run whose results are restored a new retention period.
-- Parameters: @RunId bigint
UPDATE {schema}EvaluationRun
SET RestoredAt = {now}
WHERE Id = @RunId;

-- name: ListPurgeableRuns
-- Archived runs past the age at which they are deleted permanently, oldest first. UPDLOCK and READPAST: two cleanups at once take different runs.
-- Parameters: @Days int, @Limit int
SELECT {top @Limit} Id, CaseCount
FROM {schema}EvaluationRunArchive {with UPDLOCK, READPAST, ROWLOCK}
WHERE CompletedAt < {now - @Days days}
ORDER BY CompletedAt, Id
{limit @Limit};

-- name: CountArchivedResults
-- How many archived results those runs have: what a purge must delete.
-- UPDLOCK and HOLDLOCK: their number cannot change until they are deleted.
-- Parameters: @RunIds nvarchar(max)
SELECT COUNT(*) AS ResultCount
FROM {schema}TestCaseResultArchive {with UPDLOCK, HOLDLOCK}
WHERE RunId IN ({ids @RunIds});

-- name: DeleteArchivedRuns
-- Deletes archived runs: copied back just before, or past their age.
-- Parameters: @RunIds nvarchar(max)
DELETE FROM {schema}EvaluationRunArchive
WHERE Id IN ({ids @RunIds});
