-- Purpose:    Checks every rule that the tables must keep, even if a process ended while it wrote to them. Each row is a violation; no row means no error.
--             43-genome-check.sql checks whether genomes match their hashes. The product's crash tests check their databases with this file.
-- Parameters: none
-- Changes:    nothing. While servers work, rows change during the check: a finding counts only if a second run of the script shows it, too.
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @Standing TABLE (VersionId bigint NOT NULL PRIMARY KEY, IsLive int NOT NULL, IsTried int NOT NULL, IsMet int NOT NULL, IsPlain int NOT NULL);
DECLARE @Violation TABLE (Sentence nvarchar(200) NOT NULL, Id bigint NOT NULL);

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

BEGIN TRY
    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is not RUNNING but has a lease', r.Id FROM eval.EvaluationRun r WHERE r.Status <> 'RUNNING' AND (r.LeaseOwner IS NOT NULL OR r.LeaseUntil IS NOT NULL);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is RUNNING without a lease', r.Id FROM eval.EvaluationRun r WHERE r.Status = 'RUNNING' AND (r.LeaseOwner IS NULL OR r.LeaseUntil IS NULL);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has ended without a time of its end', r.Id FROM eval.EvaluationRun r WHERE r.Status IN ('COMPLETED', 'FAILED', 'CANCELLED') AND r.CompletedAt IS NULL;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has a time of its end but has not ended', r.Id FROM eval.EvaluationRun r WHERE NOT (r.Status IN ('COMPLETED', 'FAILED', 'CANCELLED')) AND r.CompletedAt IS NOT NULL;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} was not ended exactly once', r.Id
    FROM eval.EvaluationRun r
    WHERE CASE WHEN r.Status IN ('COMPLETED', 'FAILED', 'CANCELLED') THEN 1 ELSE 0 END <>
          (SELECT COUNT(*) FROM eval.ChangeRecord h
           WHERE h.TargetEntity = N'EvaluationRun' AND h.TargetId = r.Id AND h.Type IN (N'RUN_COMPLETED', N'RUN_FAILED', N'RUN_CANCELLED'))
      -- By Retention:AuditDays the records of the ends of older runs may have been deleted.
      AND (r.CompletedAt IS NULL OR r.CompletedAt >= (SELECT MIN(o.At) FROM eval.ChangeRecord o));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is COMPLETED without a result for every case', r.Id
    FROM eval.EvaluationRun r
    WHERE r.Status = 'COMPLETED'
      AND EXISTS (SELECT 1 FROM eval.TestCase c
                  WHERE c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
                    AND NOT EXISTS (SELECT 1 FROM eval.TestCaseResult x WHERE x.RunId = r.Id AND x.TestCaseId = c.Id)
                    -- The results of a large run move to the archive in several steps, before the run itself.
                    AND NOT EXISTS (SELECT 1 FROM eval.TestCaseResultArchive y WHERE y.RunId = r.Id AND y.TestCaseId = c.Id));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is COMPLETED although every case is ERRORED', r.Id
    FROM eval.EvaluationRun r
    WHERE r.Status = 'COMPLETED' AND r.CaseCount > 0 AND r.ErroredCount = r.CaseCount;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has two results for one case', x.RunId FROM eval.TestCaseResult x GROUP BY x.RunId, x.TestCaseId HAVING COUNT(*) > 1;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has a result of a case that is not its own', x.RunId
    FROM eval.TestCaseResult x
    LEFT JOIN eval.EvaluationRun r ON r.Id = x.RunId
    LEFT JOIN eval.TestCase c ON c.Id = x.TestCaseId AND c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
    WHERE c.Id IS NULL;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} counts other cases than its suite has', r.Id
    FROM eval.EvaluationRun r
    WHERE r.CaseCount <> (SELECT COUNT(*) FROM eval.TestCase c WHERE c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has counts that disagree with its results', r.Id
    FROM eval.EvaluationRun r
    LEFT JOIN (SELECT RunId, Verdict FROM eval.TestCaseResult UNION ALL SELECT RunId, Verdict FROM eval.TestCaseResultArchive) x ON x.RunId = r.Id
    WHERE r.Status IN ('COMPLETED', 'FAILED', 'CANCELLED')
    GROUP BY r.Id, r.PassedCount, r.FailedCount, r.ErroredCount, r.UnscoredCount
    HAVING r.PassedCount <> SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END)
        OR r.FailedCount <> SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END)
        OR r.ErroredCount <> SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END)
        OR r.UnscoredCount <> SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has a pass rate that disagrees with its counts', r.Id
    FROM eval.EvaluationRun r
    WHERE r.Status = 'COMPLETED' AND r.CaseCount > 0 AND (r.PassRate IS NULL OR ABS(r.PassRate - CAST(r.PassedCount AS float) / r.CaseCount) > 0.000000001);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has an overall score that disagrees with its results', r.Id
    FROM eval.EvaluationRun r
    LEFT JOIN (SELECT RunId, TestCaseId, Score FROM eval.TestCaseResult UNION ALL SELECT RunId, TestCaseId, Score FROM eval.TestCaseResultArchive) x ON x.RunId = r.Id AND x.Score IS NOT NULL
    LEFT JOIN eval.TestCase c ON c.Id = x.TestCaseId
    WHERE r.Status IN ('COMPLETED', 'FAILED', 'CANCELLED')
    GROUP BY r.Id, r.OverallScore
    -- The weighted mean of the scores that exist. A score is from 0 to 1; -1 means that there is none.
    HAVING ABS(COALESCE(r.OverallScore, -1) - COALESCE(SUM(x.Score * c.Weight) / SUM(c.Weight), -1)) > 0.000000001;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is of another tenant than its version or its suite', r.Id
    FROM eval.EvaluationRun r
    JOIN eval.AgentVersion v ON v.Id = r.VersionId
    JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId
    WHERE v.TenantId <> r.TenantId OR s.TenantId <> r.TenantId;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is both in the archive and live', r.Id FROM eval.EvaluationRun r JOIN eval.EvaluationRunArchive a ON a.Id = r.Id;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has a result that is in the archive as well', x.RunId
    FROM eval.TestCaseResult x
    JOIN eval.TestCaseResultArchive a ON a.RunId = x.RunId AND a.TestCaseId = x.TestCaseId;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} has not ended', a.Id FROM eval.EvaluationRunArchive a WHERE a.Status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED') OR a.CompletedAt IS NULL;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} is COMPLETED without a result for every case', a.Id
    FROM eval.EvaluationRunArchive a
    WHERE a.Status = 'COMPLETED'
      AND EXISTS (SELECT 1 FROM eval.TestCase c
                  WHERE c.SuiteId = a.SuiteId AND c.Revision = a.SuiteRevision
                    AND NOT EXISTS (SELECT 1 FROM eval.TestCaseResultArchive x WHERE x.RunId = a.Id AND x.TestCaseId = c.Id))
      -- The results of a large run are purged in several steps, before the run itself.
      AND NOT EXISTS (SELECT 1 FROM eval.ChangeRecord h WHERE h.TargetEntity = N'EvaluationRun' AND h.TargetId = a.Id AND h.Type = N'RUNS_PURGED');

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} is COMPLETED although every case is ERRORED', a.Id
    FROM eval.EvaluationRunArchive a
    WHERE a.Status = 'COMPLETED' AND a.CaseCount > 0 AND a.ErroredCount = a.CaseCount;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has an archived result of a case that is not its own', x.RunId
    FROM eval.TestCaseResultArchive x
    JOIN (SELECT Id, SuiteId, SuiteRevision FROM eval.EvaluationRunArchive UNION ALL SELECT Id, SuiteId, SuiteRevision FROM eval.EvaluationRun) r ON r.Id = x.RunId
    LEFT JOIN eval.TestCase c ON c.Id = x.TestCaseId AND c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
    WHERE c.Id IS NULL;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} counts other cases than its suite has', a.Id
    FROM eval.EvaluationRunArchive a
    LEFT JOIN (SELECT SuiteId, Revision, COUNT(*) AS CaseCount FROM eval.TestCase GROUP BY SuiteId, Revision) c ON c.SuiteId = a.SuiteId AND c.Revision = a.SuiteRevision
    WHERE a.CaseCount <> COALESCE(c.CaseCount, 0);

    -- An archived run has no foreign keys: the rows it refers to may have been deleted.
    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} refers to a version or a suite that its tenant does not have', a.Id
    FROM eval.EvaluationRunArchive a
    LEFT JOIN eval.AgentVersion v ON v.Id = a.VersionId AND v.TenantId = a.TenantId
    LEFT JOIN eval.EvaluationSuite s ON s.Id = a.SuiteId AND s.TenantId = a.TenantId
    WHERE v.Id IS NULL OR s.Id IS NULL;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} has counts that disagree with its results', a.Id
    FROM eval.EvaluationRunArchive a
    LEFT JOIN eval.TestCaseResultArchive x ON x.RunId = a.Id
    WHERE a.Status IN ('COMPLETED', 'FAILED', 'CANCELLED')
      -- The results of a large run are purged in several steps, before the run itself.
      AND NOT EXISTS (SELECT 1 FROM eval.ChangeRecord h WHERE h.TargetEntity = N'EvaluationRun' AND h.TargetId = a.Id AND h.Type = N'RUNS_PURGED')
    GROUP BY a.Id, a.PassedCount, a.FailedCount, a.ErroredCount, a.UnscoredCount
    HAVING a.PassedCount <> SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END)
        OR a.FailedCount <> SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END)
        OR a.ErroredCount <> SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END)
        OR a.UnscoredCount <> SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} has a pass rate that disagrees with its counts', a.Id
    FROM eval.EvaluationRunArchive a
    WHERE a.Status = 'COMPLETED' AND a.CaseCount > 0 AND (a.PassRate IS NULL OR ABS(a.PassRate - CAST(a.PassedCount AS float) / a.CaseCount) > 0.000000001);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'archived run {0} has an overall score that disagrees with its results', a.Id
    FROM eval.EvaluationRunArchive a
    LEFT JOIN eval.TestCaseResultArchive x ON x.RunId = a.Id AND x.Score IS NOT NULL
    LEFT JOIN eval.TestCase c ON c.Id = x.TestCaseId
    WHERE a.Status IN ('COMPLETED', 'FAILED', 'CANCELLED')
      AND NOT EXISTS (SELECT 1 FROM eval.ChangeRecord h WHERE h.TargetEntity = N'EvaluationRun' AND h.TargetId = a.Id AND h.Type = N'RUNS_PURGED')
    GROUP BY a.Id, a.OverallScore
    HAVING ABS(COALESCE(a.OverallScore, -1) - COALESCE(SUM(x.Score * c.Weight) / SUM(c.Weight), -1)) > 0.000000001;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} has archived results but does not exist', x.RunId
    FROM eval.TestCaseResultArchive x
    LEFT JOIN eval.EvaluationRunArchive a ON a.Id = x.RunId
    LEFT JOIN eval.EvaluationRun r ON r.Id = x.RunId
    WHERE a.Id IS NULL AND r.Id IS NULL;

    -- The result of the requirements. IsPlain: only the pooled rate decides. Otherwise only what is certain is checked.
    INSERT INTO @Standing (VersionId, IsLive, IsTried, IsMet, IsPlain)
    SELECT z.VersionId, MAX(z.IsLive), MAX(z.IsTried), MIN(z.IsMet), MIN(z.IsPlain)
    FROM (SELECT q.VersionId,
           CASE WHEN EXISTS (SELECT 1 FROM eval.EvaluationRun l WHERE l.VersionId = q.VersionId AND l.SuiteId = q.SuiteId AND l.SuiteRevision = q.SuiteRevision AND l.Status IN ('PENDING', 'RUNNING')) THEN 1 ELSE 0 END AS IsLive,
           -- A void run does not count as tried, unless a run FAILED after it.
           CASE WHEN e.LastCounted IS NOT NULL OR e.LastEnded > COALESCE(e.LastCompleted, 0) THEN 1 ELSE 0 END AS IsTried,
           CASE WHEN e.LastCompleted < e.LastEnded OR e.LastCompleted IS NULL OR e.Cases = 0 THEN 0
                    WHEN q.[Rule] <> 'NOT_WORSE' AND CAST(e.Passed AS float) / e.Cases < q.Bound THEN 0 ELSE 1 END AS IsMet,
           CASE WHEN q.[Rule] = 'RATE' AND q.TagBounds = N'{}' AND q.MustPass = N'[]'
                     AND NOT EXISTS (SELECT 1 FROM eval.TestCase t WHERE t.SuiteId = q.SuiteId AND t.Revision = q.SuiteRevision AND t.MustPass = 1) THEN 1 ELSE 0 END AS IsPlain
    FROM eval.VersionRequirement q
    JOIN eval.VersionGate g ON g.Id = q.GateId
    LEFT JOIN (SELECT x.VersionId, x.SuiteId, x.SuiteRevision, MAX(x.Id) AS LastEnded, MAX(CASE WHEN x.Status = 'COMPLETED' THEN x.Id END) AS LastCompleted,
                      MAX(CASE WHEN x.Status = 'COMPLETED' AND k.RunId IS NULL THEN x.Id END) AS LastCounted,
                      SUM(CASE WHEN x.Status = 'COMPLETED' AND k.RunId IS NULL THEN x.PassedCount ELSE 0 END) AS Passed,
                      SUM(CASE WHEN x.Status = 'COMPLETED' AND k.RunId IS NULL THEN x.CaseCount ELSE 0 END) AS Cases
               FROM (SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM eval.EvaluationRun
                     UNION
                     SELECT Id, VersionId, SuiteId, SuiteRevision, Status, PassedCount, CaseCount FROM eval.EvaluationRunArchive
                     UNION
                     -- A purged run is still evidence.
                     SELECT p.RunId, p.VersionId, p.SuiteId, p.SuiteRevision, 'COMPLETED', LEN(p.Outcomes) - LEN(REPLACE(p.Outcomes, N'P', N'')), LEN(p.Outcomes)
                     FROM eval.RunLook p
                     WHERE NOT EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.Id = p.RunId) AND NOT EXISTS (SELECT 1 FROM eval.EvaluationRunArchive a WHERE a.Id = p.RunId)) x
               LEFT JOIN eval.RunLook k ON k.RunId = x.Id AND k.VoidedAt IS NOT NULL
               WHERE x.Status IN ('COMPLETED', 'FAILED')
               GROUP BY x.VersionId, x.SuiteId, x.SuiteRevision) e
      ON e.VersionId = q.VersionId AND e.SuiteId = q.SuiteId AND e.SuiteRevision = q.SuiteRevision
    WHERE NOT EXISTS (SELECT 1 FROM eval.VersionGate n WHERE n.VersionId = g.VersionId AND n.Round > g.Round)
    ) z
    GROUP BY z.VersionId;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} has an evalStatus that disagrees with its requirements', v.Id
    FROM eval.AgentVersion v
    JOIN @Standing s ON s.VersionId = v.Id
    -- FAIL without any run is correct if a FAILED run was purged.
    WHERE v.EvalStatus <> CASE WHEN s.IsLive = 1 THEN 'RUNNING' WHEN s.IsTried = 0 AND v.EvalStatus <> 'FAIL' THEN 'NOT_RUN' WHEN s.IsTried = 0 THEN 'FAIL' WHEN s.IsMet = 0 THEN 'FAIL' WHEN s.IsPlain = 1 OR v.EvalStatus <> 'FAIL' THEN 'PASS' ELSE 'FAIL' END;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} is in TESTING but has no requirements', v.Id
    FROM eval.AgentVersion v
    WHERE v.LifecycleState = 'TESTING' AND NOT EXISTS (SELECT 1 FROM eval.VersionGate g WHERE g.VersionId = v.Id);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} has a requirement of another tenant, or a suite or baseline of one', q.VersionId
    FROM eval.VersionRequirement q
    JOIN eval.AgentVersion v ON v.Id = q.VersionId
    JOIN eval.EvaluationSuite s ON s.Id = q.SuiteId
    LEFT JOIN eval.AgentVersion b ON b.Id = q.BaselineVersionId
    WHERE v.TenantId <> q.TenantId OR s.TenantId <> q.TenantId OR b.TenantId <> q.TenantId;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is evidence but did not complete', k.RunId
    FROM eval.RunLook k
    JOIN eval.EvaluationRun r ON r.Id = k.RunId
    WHERE r.Status <> 'COMPLETED';

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is evidence with other figures than its own', k.RunId
    FROM eval.RunLook k
    JOIN (SELECT Id, CaseCount, PassedCount FROM eval.EvaluationRun
          UNION
          SELECT Id, CaseCount, PassedCount FROM eval.EvaluationRunArchive) r ON r.Id = k.RunId
    WHERE LEN(k.Outcomes) <> r.CaseCount OR LEN(k.Outcomes) - LEN(REPLACE(k.Outcomes, N'P', N'')) <> r.PassedCount;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'run {0} is void without a person or a reason', k.RunId
    FROM eval.RunLook k
    WHERE k.VoidedAt IS NOT NULL AND (k.VoidedBy IS NULL OR k.VoidReason IS NULL OR k.VoidReason = N'');

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} is RUNNING without a run that has not ended', v.Id
    FROM eval.AgentVersion v
    WHERE v.EvalStatus = 'RUNNING'
      AND NOT EXISTS (SELECT 1 FROM eval.EvaluationRun r WHERE r.VersionId = v.Id AND r.Status IN ('PENDING', 'RUNNING'));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} is past TESTING but was never evaluated', v.Id
    FROM eval.AgentVersion v
    WHERE v.LifecycleState NOT IN ('DRAFT', 'TESTING') AND v.EvalStatus = 'NOT_RUN';

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} became a CANDIDATE without PASS', v.Id
    FROM eval.AgentVersion v
    LEFT JOIN (SELECT p.TargetId AS VersionId, MAX(p.Id) AS ChangeId
               FROM eval.ChangeRecord p
               WHERE p.TargetEntity = N'AgentVersion' AND p.Type = N'VERSION_TRANSITIONED' AND p.Payload LIKE N'%"to":"CANDIDATE"%'
               GROUP BY p.TargetId) promoted ON promoted.VersionId = v.Id
    WHERE v.LifecycleState = 'CANDIDATE' AND v.EvalStatus <> 'PASS'
      -- A version may be evaluated in any state: a run that began since then may have given it its present status.
      AND NOT EXISTS (SELECT 1 FROM eval.ChangeRecord h
                      WHERE h.TenantId = v.TenantId AND h.Type = N'RUN_CREATED' AND h.Id > promoted.ChangeId AND h.Payload LIKE CONCAT(N'%"versionId":', v.Id, N',%'))
      -- By Retention:AuditDays the record of how an older version became a CANDIDATE may have been deleted.
      AND (promoted.ChangeId IS NOT NULL OR v.CreatedAt >= (SELECT MIN(o.At) FROM eval.ChangeRecord o));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} was promoted, but its certificate is missing', h.TargetId
    FROM eval.ChangeRecord h
    JOIN eval.AgentVersion v ON v.Id = h.TargetId
    WHERE h.TargetEntity = N'AgentVersion' AND h.Type = N'VERSION_TRANSITIONED' AND h.Payload LIKE N'%"certificate":"%'
      AND NOT EXISTS (SELECT 1 FROM eval.PromotionCertificate c WHERE c.AuditRecordId = h.Id AND c.VersionId = h.TargetId);

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} has a parent of another tenant or another agent', v.Id
    FROM eval.AgentVersion v
    JOIN eval.AgentVersion p ON p.Id = v.ParentVersionId
    WHERE p.TenantId <> v.TenantId OR p.AgentName <> v.AgentName;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'version {0} has two live runs of one suite', r.VersionId FROM eval.EvaluationRun r WHERE r.Status IN ('PENDING', 'RUNNING') GROUP BY r.VersionId, r.SuiteId HAVING COUNT(*) > 1;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'tenant {0} has runs that failed permanently but no alert about them, or the reverse', t.Id
    FROM eval.Tenant t
    WHERE (SELECT COUNT(*) FROM eval.ChangeRecord h WHERE h.TenantId = t.Id AND h.Type = N'RUN_FAILED') <>
          (SELECT COALESCE(SUM(a.[Count]), 0) FROM eval.Alert a WHERE a.TenantId = t.Id AND a.Topic = 'FAILURE')
      -- Sent alerts are deleted after some time: only tenants whose first failure was in this week can be compared.
      AND NOT EXISTS (SELECT 1 FROM eval.ChangeRecord o WHERE o.TenantId = t.Id AND o.Type = N'RUN_FAILED' AND o.At < DATEADD(day, -7, CAST(SYSUTCDATETIME() AS datetime2(3))))
      -- By Retention:AuditDays the records of failures may have been deleted before their alerts.
      AND NOT EXISTS (SELECT 1 FROM eval.Alert e WHERE e.TenantId = t.Id AND e.Topic = 'FAILURE' AND e.CreatedAt < (SELECT MIN(p.At) FROM eval.ChangeRecord p));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'alert {0} has ended but still has a lease, or the reverse', a.Id
    FROM eval.Alert a
    WHERE (a.Status = 'PENDING' AND a.EndedAt IS NOT NULL) OR (a.Status <> 'PENDING' AND (a.EndedAt IS NULL OR a.LeaseOwner IS NOT NULL));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'schedule {0} is of a suite of another tenant', c.Id FROM eval.RunSchedule c JOIN eval.EvaluationSuite s ON s.Id = c.SuiteId WHERE s.TenantId <> c.TenantId;

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'schedule {0} has an outcome that does not match its run', c.Id
    FROM eval.RunSchedule c
    WHERE (c.LastOutcome = 'CREATED' AND c.LastRunId IS NULL) OR (c.LastOutcome <> 'CREATED' AND (c.LastRunId IS NOT NULL OR c.LastReason IS NULL));

    INSERT INTO @Violation (Sentence, Id)
    SELECT N'tenant {0} has two live batches', b.TenantId FROM eval.TenantBatch b WHERE b.Status IN ('QUEUED', 'RUNNING') GROUP BY b.TenantId HAVING COUNT(*) > 1;

    SELECT DISTINCT REPLACE(v.Sentence, N'{0}', CAST(v.Id AS nvarchar(20))) AS Violation
    FROM @Violation v
    ORDER BY Violation;
END TRY
BEGIN CATCH
    IF ERROR_NUMBER() = 1222
    BEGIN
        -- This script no longer holds a lock; the listed sessions do. The session that has been idle longest in an open transaction is the first one.
        DECLARE @Waited nvarchar(2000) = N'Waited 10 seconds for a lock that another session holds. Run it again later. Sessions with locks here: ';
        IF 1 IN (HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE'), HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER PERFORMANCE STATE'))
            SET @Waited = CONCAT(@Waited, (SELECT STRING_AGG(b.Holder, N'; ')
                                           FROM (SELECT TOP (5) CONCAT(s.session_id, N' (', s.program_name, N' on ', s.host_name, N', login ', s.login_name,
                                                                       N', last request ended ', CONVERT(nvarchar(19), s.last_request_end_time, 120), N')') AS Holder
                                                 FROM sys.dm_exec_sessions s
                                                 WHERE s.session_id <> @@SPID AND s.open_transaction_count > 0
                                                   AND EXISTS (SELECT 1 FROM sys.dm_tran_locks l WHERE l.request_session_id = s.session_id AND l.resource_database_id = DB_ID() AND l.resource_type <> N'DATABASE')
                                                 ORDER BY s.last_request_end_time) b));
        ELSE
            SET @Waited = CONCAT(@Waited, N'only a login with VIEW SERVER STATE sees them.');
        THROW 50021, @Waited, 1;
    END;
    THROW;
END CATCH;
