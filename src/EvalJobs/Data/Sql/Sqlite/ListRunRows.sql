-- These runs (@RunIds, a JSON array) with the names of what they belong to, newest first; live and archived alike.
SELECT r.Id, r.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, r.SuiteId, s.Name AS SuiteName, r.SuiteRevision, r.VersionId, v.AgentName, v.VersionLabel,
       r.Status, r.Priority, r.DueAt, r.Attempt, r.[Trigger], r.CreatedAt, r.StartedAt, r.CompletedAt, r.PassThreshold, r.PassRate, r.CaseCount, r.PassedCount, r.Error, r.ArchivedAt
FROM (SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount, Error, NULL AS ArchivedAt
      FROM EvaluationRun
      WHERE Id IN (SELECT value FROM json_each(@RunIds))
      UNION ALL
      SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount, Error, ArchivedAt
      FROM EvaluationRunArchive
      WHERE Id IN (SELECT value FROM json_each(@RunIds))) r
JOIN Tenant t ON t.Id = r.TenantId
JOIN EvaluationSuite s ON s.Id = r.SuiteId
JOIN AgentVersion v ON v.Id = r.VersionId
ORDER BY r.Id DESC;
