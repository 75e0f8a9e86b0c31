-- What a tenant has stored, counted by kind.
-- Parameters: @TenantId bigint
SELECT (SELECT COUNT_BIG(*) FROM eval.AgentVersion v WHERE v.TenantId = @TenantId) AS Versions,
       (SELECT COUNT_BIG(*) FROM eval.EvaluationSuite s WHERE s.TenantId = @TenantId) AS Suites,
       (SELECT COUNT_BIG(*) FROM eval.EvaluationSuite s JOIN eval.TestCase c ON c.SuiteId = s.Id WHERE s.TenantId = @TenantId) AS Cases,
       (SELECT COUNT_BIG(*) FROM eval.EvaluationRun r WHERE r.TenantId = @TenantId) AS Runs,
       (SELECT COUNT_BIG(*) FROM eval.EvaluationRun r JOIN eval.TestCaseResult x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS Results,
       (SELECT COUNT_BIG(*) FROM eval.EvaluationRunArchive r WHERE r.TenantId = @TenantId) AS ArchivedRuns,
       (SELECT COUNT_BIG(*) FROM eval.EvaluationRunArchive r JOIN eval.TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId)
       + (SELECT COUNT_BIG(*) FROM eval.EvaluationRun r JOIN eval.TestCaseResultArchive x ON x.RunId = r.Id WHERE r.TenantId = @TenantId) AS ArchivedResults,
       (SELECT COUNT_BIG(*) FROM eval.TenantBatch b WHERE b.TenantId = @TenantId) AS Batches,
       (SELECT COUNT_BIG(*) FROM eval.Alert a WHERE a.TenantId = @TenantId) AS Alerts;
