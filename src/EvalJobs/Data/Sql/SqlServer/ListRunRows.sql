-- These runs (@RunIds, a JSON array) with the names of what they belong to, newest first; live and archived alike.
-- Parameters: @RunIds nvarchar(max)
SELECT r.Id, r.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, r.SuiteId, s.Name AS SuiteName, r.SuiteRevision, r.VersionId, v.AgentName, v.VersionLabel,
       r.Status, r.Priority, r.DueAt, r.Attempt, r.[Trigger], r.CreatedAt, r.StartedAt, r.CompletedAt, r.PassThreshold, r.PassRate, r.CaseCount, r.PassedCount, r.Error, r.ArchivedAt
FROM (SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount, Error, CAST(NULL AS datetime2(3)) AS ArchivedAt
      FROM eval.EvaluationRun
      WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
      UNION ALL
      SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount, Error, ArchivedAt
      FROM eval.EvaluationRunArchive
      WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)) r
JOIN eval.Tenant t ON t.Id = r.TenantId
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId
JOIN eval.AgentVersion v ON v.Id = r.VersionId
ORDER BY r.Id DESC;
