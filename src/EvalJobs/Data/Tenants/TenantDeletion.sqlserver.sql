-- name: CountTenantRows
-- What a tenant has stored, counted by kind.
-- Parameters: @TenantId bigint
SELECT (SELECT COUNT_BIG(*) FROM {schema}AgentVersion v WHERE v.TenantId = @TenantId) AS Versions,
       (SELECT COUNT_BIG(*) FROM {schema}EvaluationSuite s WHERE s.TenantId = @TenantId) AS Suites,
       (SELECT COUNT_BIG(*) FROM {schema}EvaluationSuite s JOIN {schema}TestCase c ON c.SuiteId = s.Id WHERE s.TenantId = @TenantId) AS Cases,
       (SELECT COUNT_BIG(*) FROM {schema}EvaluationRun r WHERE r.TenantId = @TenantId) AS Runs,
       (SELECT COUNT_BIG(*) FROM {schema}EvaluationRun r JOIN {schema}TestCaseResult x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS Results,
       (SELECT COUNT_BIG(*) FROM {schema}EvaluationRunArchive r WHERE r.TenantId = @TenantId) AS ArchivedRuns,
       (SELECT COUNT_BIG(*) FROM {schema}EvaluationRunArchive r JOIN {schema}TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId)
       + (SELECT COUNT_BIG(*) FROM {schema}EvaluationRun r JOIN {schema}TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS ArchivedResults,
       (SELECT COUNT_BIG(*) FROM {schema}TenantBatch b WHERE b.TenantId = @TenantId) AS Batches,
       (SELECT COUNT_BIG(*) FROM {schema}Alert a WHERE a.TenantId = @TenantId) AS Alerts;

-- name: ListTenantLiveRuns
-- Ids of a tenant's runs that have not ended, in no particular order.
-- Parameters: @TenantId bigint, @Limit int
SELECT TOP (@Limit) Id
FROM {schema}EvaluationRun
WHERE TenantId = @TenantId AND Status IN ('PENDING', 'RUNNING');

-- name: DeleteTenantResults
-- Deletes some results of the first of a tenant's runs, so that those can be deleted next.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) x
FROM {schema}TestCaseResult x
WHERE x.RunId IN (SELECT TOP (@Limit) r.Id FROM {schema}EvaluationRun r WHERE r.TenantId = @TenantId ORDER BY r.Id);

-- name: DeleteTenantMovedResults
-- Deletes some archived results of the first of a tenant's runs: those on their way to the archive or back.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) x
FROM {schema}TestCaseResultArchive x
WHERE x.RunId IN (SELECT TOP (@Limit) r.Id FROM {schema}EvaluationRun r WHERE r.TenantId = @TenantId ORDER BY r.Id);

-- name: DeleteTenantArchivedResults
-- Deletes some results of the first of a tenant's archived runs, so that those can be deleted next.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) x
FROM {schema}TestCaseResultArchive x
WHERE x.RunId IN (SELECT TOP (@Limit) r.Id FROM {schema}EvaluationRunArchive r WHERE r.TenantId = @TenantId ORDER BY r.Id);

-- name: DeleteTenantCases
-- Deletes some test cases of a tenant's suites, of every revision; they have no results any more.
-- Parameters: @TenantId bigint, @Limit int
DELETE TOP (@Limit) c
FROM {schema}TestCase c
WHERE c.SuiteId IN (SELECT s.Id FROM {schema}EvaluationSuite s WHERE s.TenantId = @TenantId);
