-- name: CountTenantRows
-- What a tenant has stored, counted by kind.
SELECT (SELECT COUNT(*) FROM {schema}AgentVersion v WHERE v.TenantId = @TenantId) AS Versions,
       (SELECT COUNT(*) FROM {schema}EvaluationSuite s WHERE s.TenantId = @TenantId) AS Suites,
       (SELECT COUNT(*) FROM {schema}EvaluationSuite s JOIN {schema}TestCase c ON c.SuiteId = s.Id WHERE s.TenantId = @TenantId) AS Cases,
       (SELECT COUNT(*) FROM {schema}EvaluationRun r WHERE r.TenantId = @TenantId) AS Runs,
       (SELECT COUNT(*) FROM {schema}EvaluationRun r JOIN {schema}TestCaseResult x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS Results,
       (SELECT COUNT(*) FROM {schema}EvaluationRunArchive r WHERE r.TenantId = @TenantId) AS ArchivedRuns,
       (SELECT COUNT(*) FROM {schema}EvaluationRunArchive r JOIN {schema}TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId)
       + (SELECT COUNT(*) FROM {schema}EvaluationRun r JOIN {schema}TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS ArchivedResults,
       (SELECT COUNT(*) FROM {schema}TenantBatch b WHERE b.TenantId = @TenantId) AS Batches,
       (SELECT COUNT(*) FROM {schema}Alert a WHERE a.TenantId = @TenantId) AS Alerts;

-- name: ListTenantLiveRuns
-- Ids of a tenant's runs that have not ended, in no particular order.
SELECT Id FROM {schema}EvaluationRun WHERE TenantId = @TenantId AND Status = 'PENDING'
UNION ALL
SELECT Id FROM {schema}EvaluationRun WHERE TenantId = @TenantId AND Status = 'RUNNING'
LIMIT @Limit;

-- name: DeleteTenantResults
-- Deletes some results of the first of a tenant's runs, so that those can be deleted next.
DELETE FROM {schema}TestCaseResult
WHERE rowid IN (SELECT x.rowid
                FROM {schema}TestCaseResult x
                WHERE x.RunId IN (SELECT Id FROM {schema}EvaluationRun WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit)
                LIMIT @Limit);

-- name: DeleteTenantMovedResults
-- Deletes some archived results of the first of a tenant's runs: those on their way to the archive or back.
DELETE FROM {schema}TestCaseResultArchive
WHERE rowid IN (SELECT x.rowid
                FROM {schema}TestCaseResultArchive x
                WHERE x.RunId IN (SELECT Id FROM {schema}EvaluationRun WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit)
                LIMIT @Limit);

-- name: DeleteTenantArchivedResults
-- Deletes some results of the first of a tenant's archived runs, so that those can be deleted next.
DELETE FROM {schema}TestCaseResultArchive
WHERE rowid IN (SELECT x.rowid
                FROM {schema}TestCaseResultArchive x
                WHERE x.RunId IN (SELECT Id FROM {schema}EvaluationRunArchive WHERE TenantId = @TenantId ORDER BY Id LIMIT @Limit)
                LIMIT @Limit);

-- name: DeleteTenantCases
-- Deletes some test cases of a tenant's suites, of every revision; they have no results any more.
DELETE FROM {schema}TestCase
WHERE Id IN (SELECT c.Id
             FROM {schema}EvaluationSuite s
             JOIN {schema}TestCase c ON c.SuiteId = s.Id
             WHERE s.TenantId = @TenantId
             LIMIT @Limit);
