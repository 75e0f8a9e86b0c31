-- name: ListDayFlow
-- The runs created and ended in the last 24 hours, per tenant and hour of the clock (hours since 1970, UTC). A run that was declared void completed, but
-- its cases do not count: they are subtracted, which reads only those few runs. Otherwise only two indexes are read.
-- Parameters: none
SELECT x.TenantId, x.Hour,
       SUM(x.CreatedCount) AS CreatedCount, SUM(x.CompletedCount) AS CompletedCount, SUM(x.FailedCount) AS FailedCount,
       SUM(x.CancelledCount) AS CancelledCount, SUM(x.PassedCaseCount) AS PassedCaseCount, SUM(x.CaseCount) AS CaseCount
FROM (SELECT TenantId, {hour of CreatedAt} AS Hour,
             1 AS CreatedCount, 0 AS CompletedCount, 0 AS FailedCount, 0 AS CancelledCount, 0 AS PassedCaseCount, 0 AS CaseCount
      FROM {schema}EvaluationRun
      WHERE CreatedAt > {now - 1 days}
      UNION ALL
      SELECT TenantId, {hour of CompletedAt}, 0,
             CASE WHEN Status = 'COMPLETED' THEN 1 ELSE 0 END, CASE WHEN Status = 'FAILED' THEN 1 ELSE 0 END, CASE WHEN Status = 'CANCELLED' THEN 1 ELSE 0 END,
             CASE WHEN Status = 'COMPLETED' THEN PassedCount ELSE 0 END, CASE WHEN Status = 'COMPLETED' THEN CaseCount ELSE 0 END
      FROM {schema}EvaluationRun
      WHERE CompletedAt > {now - 1 days}
      UNION ALL
      SELECT r.TenantId, {hour of r.CompletedAt}, 0, 0, 0, 0,
             CASE WHEN r.Status = 'COMPLETED' THEN -r.PassedCount ELSE 0 END, CASE WHEN r.Status = 'COMPLETED' THEN -r.CaseCount ELSE 0 END
      FROM {schema}RunLook k {indexed by IX_RunLook_Void}
      JOIN {schema}EvaluationRun r ON r.Id = k.RunId
      WHERE k.CompletedAt > {now - 1 days} AND k.VoidedAt IS NOT NULL AND r.CompletedAt > {now - 1 days}) x
GROUP BY x.TenantId, x.Hour;

-- name: ListTenantLoad
-- The pending and running runs of each tenant, and its last health. A run in backoff has no age yet.
-- READPAST: the check that reports a stopped process must not wait for its locks. RECOMPILE: as in ListTenantsDue.
-- Parameters: none
SELECT t.Id AS TenantId, t.Slug, t.Name, t.IsPaused, t.PendingWarningThreshold, t.WorkerPool,
       COALESCE(p.PendingCount, 0) AS PendingCount, CASE WHEN p.FirstDueAt <= {now} THEN {milliseconds since p.FirstDueAt} END AS OldestPendingAgeMs,
       COALESCE(l.RunningCount, 0) AS RunningCount, COALESCE(l.ExpiredLeaseCount, 0) AS ExpiredLeaseCount,
       h.Status AS PreviousStatus, h.Since AS PreviousSince
FROM {schema}Tenant t {with READPAST}
LEFT JOIN (SELECT TenantId, COUNT(*) AS PendingCount, MIN(DueAt) AS FirstDueAt
           FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_PendingByAge} {with READPAST}
           WHERE Status = 'PENDING'
           GROUP BY TenantId) p ON p.TenantId = t.Id
LEFT JOIN (SELECT TenantId, COUNT(*) AS RunningCount, SUM(CASE WHEN LeaseUntil < {now} THEN 1 ELSE 0 END) AS ExpiredLeaseCount
           FROM {schema}EvaluationRun {indexed by IX_EvaluationRun_Running} {with READPAST}
           WHERE Status = 'RUNNING'
           GROUP BY TenantId) l ON l.TenantId = t.Id
LEFT JOIN {schema}TenantHealth h {with READPAST} ON h.TenantId = t.Id
ORDER BY t.Slug
{recompile};

-- name: ListFailingAgents
-- Agents of which so many attempts failed recently and no run has completed since the last of them. Judged by agent, over all its versions: one that
-- answers does not hide another of the tenant that does not. Reads the attempts that failed recently, and of each such agent the latest completed runs.
-- READPAST: as in ListTenantLoad.
-- Parameters: @WithinMs int, @MinAttempts int
WITH failed AS (SELECT r.Id, r.TenantId, v.AgentName, r.FailedAttempts, r.LastFailedAt
                FROM {schema}EvaluationRun r {indexed by IX_EvaluationRun_LastFailed} {with READPAST}
                JOIN {schema}AgentVersion v {with READPAST} ON v.Id = r.VersionId
                WHERE r.LastFailedAt > {now - @WithinMs}),
completed AS (SELECT a.TenantId, a.AgentName, MAX(c.CompletedAt) AS LastCompletedAt
              FROM (SELECT DISTINCT TenantId, AgentName FROM failed) a
              JOIN {schema}AgentVersion w {with READPAST} ON w.TenantId = a.TenantId AND w.AgentName = a.AgentName
              JOIN {schema}EvaluationRun c {with READPAST} ON c.Id = (SELECT MAX(x.Id) FROM {schema}EvaluationRun x {with READPAST} WHERE x.VersionId = w.Id AND x.Status = 'COMPLETED')
              GROUP BY a.TenantId, a.AgentName)
SELECT f.TenantId, f.AgentName, SUM(f.FailedAttempts) AS FailedAttempts, MAX(f.Id) AS LastRunId
FROM failed f
LEFT JOIN completed d ON d.TenantId = f.TenantId AND d.AgentName = f.AgentName
WHERE d.LastCompletedAt IS NULL OR f.LastFailedAt > d.LastCompletedAt
GROUP BY f.TenantId, f.AgentName
HAVING SUM(f.FailedAttempts) >= @MinAttempts
ORDER BY f.TenantId, f.AgentName;

-- name: CountRunsNeedingAction
-- Of each tenant that has any: how many runs failed permanently that nobody has acknowledged and that no later run of the version and suite has
-- replaced, and the latest of them. ListRunsNeedingAction lists them. READPAST and RECOMPILE: as in ListTenantLoad.
-- Parameters: none
SELECT r.TenantId, COUNT(*) AS RunCount, MAX(r.Id) AS LastRunId
FROM {schema}EvaluationRun r {indexed by IX_EvaluationRun_NotAcknowledged} {with READPAST}
WHERE r.Status = 'FAILED' AND r.AcknowledgedAt IS NULL
  AND NOT EXISTS (SELECT 1 FROM {schema}EvaluationRun n {indexed by IX_EvaluationRun_Version} {with READPAST} WHERE n.VersionId = r.VersionId AND n.SuiteId = r.SuiteId AND n.Id > r.Id AND n.Status <> 'CANCELLED')
GROUP BY r.TenantId
{recompile};
