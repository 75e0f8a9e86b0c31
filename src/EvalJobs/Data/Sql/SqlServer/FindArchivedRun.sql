-- Where a run is, and what it refers to that is gone: what a restore has to know. No row: no such run.
-- UPDLOCK and HOLDLOCK: two restores of a run, or a restore and a purge, go one after the other. The live run first, as the cleanup takes them.
-- Parameters: @RunId bigint
SELECT a.TenantId, a.SuiteId, a.VersionId, a.IsArchived,
       CASE WHEN EXISTS (SELECT 1 FROM eval.TestCaseResultArchive x WHERE x.RunId = a.Id) THEN 1 ELSE 0 END AS HasArchivedResults,
       CASE WHEN EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Id = a.TenantId) THEN 1 ELSE 0 END AS HasTenant,
       CASE WHEN EXISTS (SELECT 1 FROM eval.EvaluationSuite s WHERE s.Id = a.SuiteId) THEN 1 ELSE 0 END AS HasSuite,
       CASE WHEN EXISTS (SELECT 1 FROM eval.AgentVersion v WHERE v.Id = a.VersionId) THEN 1 ELSE 0 END AS HasVersion,
       (SELECT COUNT(*)
        FROM eval.TestCaseResultArchive x
        WHERE x.RunId = a.Id AND NOT EXISTS (SELECT 1 FROM eval.TestCase c WHERE c.Id = x.TestCaseId)) AS MissingCaseCount
FROM (SELECT Id, TenantId, SuiteId, VersionId, 0 AS IsArchived
      FROM eval.EvaluationRun WITH (UPDLOCK, HOLDLOCK)
      WHERE Id = @RunId
      UNION ALL
      SELECT Id, TenantId, SuiteId, VersionId, 1 AS IsArchived
      FROM eval.EvaluationRunArchive WITH (UPDLOCK, HOLDLOCK)
      WHERE Id = @RunId) a;
