-- What a tenant has stored, counted by kind.
SELECT (SELECT COUNT(*) FROM AgentVersion v WHERE v.TenantId = @TenantId) AS Versions,
       (SELECT COUNT(*) FROM EvaluationSuite s WHERE s.TenantId = @TenantId) AS Suites,
       (SELECT COUNT(*) FROM EvaluationSuite s JOIN TestCase c ON c.SuiteId = s.Id WHERE s.TenantId = @TenantId) AS Cases,
       (SELECT COUNT(*) FROM EvaluationRun r WHERE r.TenantId = @TenantId) AS Runs,
       (SELECT COUNT(*) FROM EvaluationRun r JOIN TestCaseResult x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS Results,
       (SELECT COUNT(*) FROM EvaluationRunArchive r WHERE r.TenantId = @TenantId) AS ArchivedRuns,
       (SELECT COUNT(*) FROM EvaluationRunArchive r JOIN TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId)
       + (SELECT COUNT(*) FROM EvaluationRun r JOIN TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS ArchivedResults,
       (SELECT COUNT(*) FROM TenantBatch b WHERE b.TenantId = @TenantId) AS Batches,
       (SELECT COUNT(*) FROM Alert a WHERE a.TenantId = @TenantId) AS Alerts;
