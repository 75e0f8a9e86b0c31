-- A page of suites, newest first, with their tenant, the cases of the current revision and their runs, counted up to @CountLimit in each place.
-- Not one whose first cases are still being stored (revision 0).
-- Null means every tenant. RECOMPILE: the best index depends on whether one is given.
-- Parameters: @TenantId bigint, @BeforeId bigint, @CountLimit int, @Limit int
SELECT TOP (@Limit) s.Id, s.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, s.Name, s.Revision, s.PassThreshold, s.IsDefault, s.Tags, s.CreatedAt,
       (SELECT COUNT(*) FROM eval.TestCase c WHERE c.SuiteId = s.Id AND c.Revision = s.Revision) AS CaseCount,
       (SELECT COUNT(*) FROM (SELECT TOP (@CountLimit) l.Id FROM eval.EvaluationRun l WHERE l.SuiteId = s.Id) x) AS RunCount,
       (SELECT COUNT(*) FROM (SELECT TOP (@CountLimit) a.Id FROM eval.EvaluationRunArchive a WHERE a.SuiteId = s.Id) x) AS ArchivedRunCount
FROM eval.EvaluationSuite s
JOIN eval.Tenant t ON t.Id = s.TenantId
WHERE (@TenantId IS NULL OR s.TenantId = @TenantId) AND s.Id < @BeforeId AND s.Revision > 0
ORDER BY s.Id DESC
OPTION (RECOMPILE);
