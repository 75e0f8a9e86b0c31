-- A page of suites, newest first, with their tenant, the cases of the current revision and their runs, counted up to @CountLimit in each place.
-- Not one whose first cases are still being stored (revision 0).
-- Null means every tenant. SQLite plans before it knows whether one is given: a part for each, of which one does anything.
SELECT s.Id, s.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, s.Name, s.Revision, s.PassThreshold, s.IsDefault, s.Tags, s.CreatedAt,
       (SELECT COUNT(*) FROM TestCase c WHERE c.SuiteId = s.Id AND c.Revision = s.Revision) AS CaseCount,
       (SELECT COUNT(*) FROM (SELECT l.Id FROM EvaluationRun l WHERE l.SuiteId = s.Id LIMIT @CountLimit) x) AS RunCount,
       (SELECT COUNT(*) FROM (SELECT a.Id FROM EvaluationRunArchive a WHERE a.SuiteId = s.Id LIMIT @CountLimit) x) AS ArchivedRunCount
FROM EvaluationSuite s
JOIN Tenant t ON t.Id = s.TenantId
WHERE s.Id IN (SELECT Id
               FROM EvaluationSuite
               WHERE @TenantId IS NULL AND Id < @BeforeId AND Revision > 0
               UNION ALL
               SELECT Id
               FROM EvaluationSuite
               WHERE @TenantId IS NOT NULL AND TenantId = @TenantId AND Id < @BeforeId AND Revision > 0
               ORDER BY Id DESC
               LIMIT @Limit)
ORDER BY s.Id DESC;
