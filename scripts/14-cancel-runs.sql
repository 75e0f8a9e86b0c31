-- Purpose:    Cancels runs that have not ended: one, or those of a tenant.
-- Parameters: @RunId       only this run; NULL: by the other parameters
--             @TenantSlug  runs of this tenant; required when @RunId is NULL
--             @Status      PENDING or RUNNING; empty: both
--             @OlderThanHours  only runs created longer ago than this; 0: any
--             @Reason      for the audit record
--             @Top         runs at most: so few that SQL Server does not lock the whole table
--             @Apply       1 changes; 0 only shows
-- Changes:    eval.EvaluationRun to CANCELLED, with the figures of the answered cases. eval.AgentVersion.EvalStatus to what the evidence says without the run.
--             One audit record RUN_CANCELLED per run. A worker stops within two seconds and stores nothing more.
--             If the policy has a rule other than the pooled rate, this script cannot compute EvalStatus. It is then the status from before the run, provided
--             that the evidence has not changed since and the run was not created with the requirement itself. Otherwise it is FAIL until the program
--             computes it: EvalJobs.Server version standing.
-- Undo:       15-enqueue-run.sql starts a new run of the version
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS OFF;
SET TRANSACTION ISOLATION LEVEL READ COMMITTED;

DECLARE @RunId bigint = NULL;
DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @Status nvarchar(50) = N'';
DECLARE @OlderThanHours int = 0;
DECLARE @Reason nvarchar(1000) = N'requested by an administrator';
DECLARE @Top int = 1000;
DECLARE @Apply bit = 0;

-- The longest wait for a lock, because a stopped process may hold one indefinitely.
SET LOCK_TIMEOUT 10000;

DECLARE @Locked int;
DECLARE @TenantId bigint;
DECLARE @Standing TABLE (VersionId bigint NOT NULL PRIMARY KEY, IsLive int NOT NULL, IsTried int NOT NULL, IsMet int NOT NULL, IsPlain int NOT NULL);
DECLARE @Chosen TABLE (RunId bigint NOT NULL PRIMARY KEY, TenantId bigint NOT NULL, VersionId bigint NOT NULL, Attempt int NOT NULL, Owner nvarchar(200) NULL,
                       PreviousEvalStatus varchar(20) NOT NULL, Status varchar(20) NOT NULL);

BEGIN TRY
    SET @TenantId = (SELECT t.Id FROM eval.Tenant t WHERE t.Slug = @TenantSlug);
    IF @TenantSlug IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
    IF @RunId IS NULL AND @TenantSlug = N''
        THROW 50001, N'Give @RunId or @TenantSlug: this script does not cancel every run of every tenant.', 1;
    IF @TenantSlug <> N'' AND @TenantId IS NULL
        THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
    IF @Status IS NULL OR @Status NOT IN (N'', N'PENDING', N'RUNNING')
        THROW 50026, N'@Status must be PENDING, RUNNING or empty: other runs have ended.', 1;
    IF @OlderThanHours IS NULL OR @OlderThanHours NOT BETWEEN 0 AND 876000
        THROW 50023, N'@OlderThanHours must be from 0 to 876000 hours.', 1;
    IF @Reason IS NULL OR LEN(@Reason) = 0
        THROW 50027, N'@Reason must not be empty: it is stored in the audit trail.', 1;
    IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 2000
        THROW 50022, N'@Top must be from 1 to 2000.', 1;

    BEGIN TRANSACTION;

    -- Compiled for the given values: a run is sought by its id.
    INSERT INTO @Chosen (RunId, TenantId, VersionId, Attempt, Owner, PreviousEvalStatus, Status)
    SELECT TOP (@Top) r.Id, r.TenantId, r.VersionId, r.Attempt, r.LeaseOwner, r.PreviousEvalStatus, r.Status
    FROM eval.EvaluationRun r
    WHERE r.Status IN ('PENDING', 'RUNNING')
      AND (@RunId IS NULL OR r.Id = @RunId)
      AND (@TenantId IS NULL OR r.TenantId = @TenantId)
      AND (@Status = N'' OR r.Status = CAST(@Status AS varchar(20)))
      AND (@OlderThanHours = 0 OR r.CreatedAt < DATEADD(hour, -@OlderThanHours, CAST(SYSUTCDATETIME() AS datetime2(3))))
    ORDER BY r.Id
    OPTION (RECOMPILE);
    IF @RunId IS NOT NULL AND NOT EXISTS (SELECT 1 FROM @Chosen c)
        THROW 50016, N'Run @RunId cannot be cancelled: it does not exist, has ended, or does not match the other parameters.', 1;

    -- The versions are locked before the runs (docs/develop/lock-order.md). Runs that have ended since are left out.
    SELECT @Locked = COUNT(*) FROM eval.AgentVersion v WITH (UPDLOCK, ROWLOCK) WHERE v.Id IN (SELECT c.VersionId FROM @Chosen c);
    DELETE FROM @Chosen
    WHERE RunId NOT IN (SELECT r.Id FROM eval.EvaluationRun r WITH (UPDLOCK, ROWLOCK)
                        WHERE r.Id IN (SELECT c.RunId FROM @Chosen c) AND r.Status IN ('PENDING', 'RUNNING'));

    IF @Apply = 1
    BEGIN
        UPDATE eval.EvaluationRun
        SET Status = 'CANCELLED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = SYSUTCDATETIME()
        WHERE Id IN (SELECT c.RunId FROM @Chosen c) AND Status IN ('PENDING', 'RUNNING');

        -- Results that exist stay and are counted, as in the program. There is no pass rate, because that of a part would be meaningless.
        UPDATE eval.EvaluationRun
        SET PassedCount = f.Passed, FailedCount = f.Failed, ErroredCount = f.Errored, UnscoredCount = f.Unscored, CutCount = f.Cut, OverallScore = f.Score,
            InputTokens = f.InputTokens, OutputTokens = f.OutputTokens, Cost = f.Cost
        FROM (SELECT x.RunId,
                     SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END) AS Passed, SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END) AS Failed,
                     SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END) AS Errored, SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END) AS Unscored,
                     SUM(CASE WHEN x.IsCut = 1 THEN 1 ELSE 0 END) AS Cut, SUM(x.Score * t.Weight) / SUM(CASE WHEN x.Score IS NOT NULL THEN t.Weight END) AS Score,
                     SUM(x.InputTokens) AS InputTokens, SUM(x.OutputTokens) AS OutputTokens, SUM(x.Cost) AS Cost
              FROM eval.TestCaseResult x
              JOIN eval.TestCase t ON t.Id = x.TestCaseId
              WHERE x.RunId IN (SELECT c.RunId FROM @Chosen c)
              GROUP BY x.RunId) f
        WHERE f.RunId = EvaluationRun.Id AND EvaluationRun.Status = 'CANCELLED';

        -- Without a requirement no status is set: the run was for information only.
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
          AND q.VersionId IN (SELECT c.VersionId FROM @Chosen c)
        ) z
        GROUP BY z.VersionId;

        UPDATE eval.AgentVersion
        SET EvalStatus = (SELECT CASE WHEN s.IsLive = 1 THEN 'RUNNING' WHEN s.IsTried = 0 THEN 'NOT_RUN' WHEN s.IsMet = 0 THEN 'FAIL' WHEN s.IsPlain = 1 THEN 'PASS'
                                      -- A cancelled run is no evidence: if nothing else has changed, the status is that from before the run.
                                      ELSE COALESCE((SELECT MIN(c.PreviousEvalStatus)
                                                     FROM @Chosen c
                                                     JOIN eval.EvaluationRun r ON r.Id = c.RunId
                                                     WHERE c.VersionId = s.VersionId AND c.PreviousEvalStatus <> 'RUNNING' AND r.[Trigger] <> 'TRANSITION'
                                                       AND NOT EXISTS (SELECT 1 FROM eval.RunLook k
                                                                       WHERE (k.CompletedAt >= r.CreatedAt OR k.VoidedAt >= r.CreatedAt)
                                                                         AND (k.VersionId = c.VersionId
                                                                              OR k.VersionId IN (SELECT b.BaselineVersionId FROM eval.VersionRequirement b WHERE b.VersionId = c.VersionId)))
                                                       AND NOT EXISTS (SELECT 1 FROM eval.VersionGate n WHERE n.VersionId = c.VersionId AND n.CreatedAt >= r.CreatedAt)), 'FAIL') END
                          FROM @Standing s WHERE s.VersionId = AgentVersion.Id)
        WHERE Id IN (SELECT s.VersionId FROM @Standing s);

        INSERT INTO eval.ChangeRecord (TenantId, Type, TargetEntity, TargetId, Actor, Payload)
        SELECT c.TenantId, N'RUN_CANCELLED', N'EvaluationRun', c.RunId, CONCAT(N'sql:', SUSER_SNAME()),
               CONCAT(N'{"reason":"', STRING_ESCAPE(@Reason, 'json'), N'","evalStatus":"', v.EvalStatus, N'"}')
        FROM @Chosen c
        JOIN eval.AgentVersion v ON v.Id = c.VersionId;
    END;

    COMMIT TRANSACTION;
END TRY
BEGIN CATCH
    IF XACT_STATE() <> 0
        ROLLBACK TRANSACTION;
    IF ERROR_NUMBER() = 1222
    BEGIN
        -- This script no longer holds a lock; the listed sessions do. The session that has been idle longest in an open transaction is the first one.
        DECLARE @Waited nvarchar(2000) = N'Waited 10 seconds for a lock that another session holds; this transaction changed nothing. Run it again later. Sessions with locks here: ';
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

SELECT c.RunId, c.TenantId, c.VersionId, c.Status AS StatusBefore, CASE WHEN @Apply = 1 THEN N'done' ELSE N'would be done: set @Apply = 1' END AS Outcome
FROM @Chosen c
ORDER BY c.RunId;

IF (SELECT COUNT(*) FROM @Chosen c) = @Top
    SELECT N'The limit @Top was reached: more may be left. Run it again.' AS Remark;
