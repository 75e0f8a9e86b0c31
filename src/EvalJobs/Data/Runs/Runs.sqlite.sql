-- name: AddRun
-- Adds a pending run of the suite's current revision, due now. A second live run of the version and suite violates UX_EvaluationRun_LiveVersionSuite.
INSERT INTO {schema}EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold, ContinuesRunId, RepeatsRunId)
VALUES (@TenantId, @SuiteId, @SuiteRevision, @VersionId, 'PENDING', @Priority, @PreviousEvalStatus, @Trigger, @CaseCount, @PassThreshold, @ContinuesRunId, @RepeatsRunId)
RETURNING {run columns};

-- name: ListCaseResults
-- A run's results with their cases, by ordinal, a page at a time; live or archived. Null verdict means any.
-- Walks the cases in order, which their unique index has, looks for each one's result and stops when the page is full.
SELECT c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Id AS TestCaseId, COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score,
       COALESCE(l.Output, a.Output) AS Output, COALESCE(l.Error, a.Error) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs,
       COALESCE(l.InputTokens, a.InputTokens) AS InputTokens, COALESCE(l.OutputTokens, a.OutputTokens) AS OutputTokens, COALESCE(l.Cost, a.Cost) AS Cost
FROM {schema}TestCase c
LEFT JOIN {schema}TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND COALESCE(l.Verdict, a.Verdict) = COALESCE(@Verdict, l.Verdict, a.Verdict)
ORDER BY c.Ordinal
LIMIT @Limit;

-- name: CancelRun
-- Ends a run that is RUNNING or PENDING. Its worker then finds that it lost the lease.
UPDATE {schema}EvaluationRun
SET Status = 'CANCELLED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}
WHERE Id = @RunId AND Status IN ('PENDING', 'RUNNING')
RETURNING {run columns};

-- name: ListRunRows
-- These runs (@RunIds, a JSON array) with the names of what they belong to, newest first; live and archived. For a run that failed permanently also the
-- run that replaced it: the next of its version and suite that was not cancelled, as in ListRunsNeedingAction.
SELECT r.Id, r.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, r.SuiteId, s.Name AS SuiteName, r.SuiteRevision, r.VersionId, v.AgentName, v.VersionLabel, v.EvalStatus,
       r.Status, r.Priority, r.DueAt, r.Attempt, r.[Trigger], r.CreatedAt, r.StartedAt, r.CompletedAt, r.PassThreshold, r.PassRate, r.CaseCount, r.PassedCount,
       r.FailedCount, r.ErroredCount, r.UnscoredCount, r.CutCount, r.OverallScore, r.InputTokens, r.OutputTokens, r.Cost, r.Error, r.ArchivedAt, k.VoidedAt, r.AcknowledgedAt,
       CASE WHEN r.Status = 'FAILED' THEN (SELECT MIN(n.Id) FROM {schema}EvaluationRun n {indexed by IX_EvaluationRun_Version} WHERE n.VersionId = r.VersionId AND n.SuiteId = r.SuiteId AND n.Id > r.Id AND n.Status <> 'CANCELLED') END AS LaterRunId
FROM (SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount,
             FailedCount, ErroredCount, UnscoredCount, CutCount, OverallScore, InputTokens, OutputTokens, Cost, Error, AcknowledgedAt, NULL AS ArchivedAt
      FROM {schema}EvaluationRun
      WHERE Id IN (SELECT value FROM json_each(@RunIds))
      UNION ALL
      SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount,
             FailedCount, ErroredCount, UnscoredCount, CutCount, OverallScore, InputTokens, OutputTokens, Cost, Error, AcknowledgedAt, ArchivedAt
      FROM {schema}EvaluationRunArchive
      WHERE Id IN (SELECT value FROM json_each(@RunIds))) r
JOIN {schema}Tenant t ON t.Id = r.TenantId
JOIN {schema}EvaluationSuite s ON s.Id = r.SuiteId
JOIN {schema}AgentVersion v ON v.Id = r.VersionId
LEFT JOIN {schema}RunLook k ON k.RunId = r.Id
ORDER BY r.Id DESC;

-- name: FindRunIdAt
-- The highest id of runs at that time; later runs have higher ids. 0 when there was none yet.
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT r.Id FROM {schema}EvaluationRun r WHERE r.CreatedAt <= {now - @AgoMs} ORDER BY r.CreatedAt DESC LIMIT 1) AS Id
      UNION ALL
      SELECT (SELECT r.Id FROM {schema}EvaluationRunArchive r WHERE r.CreatedAt <= {now - @AgoMs} ORDER BY r.CreatedAt DESC LIMIT 1) AS Id) x;

-- name: ListCasePreviews
-- A run's cases with their results so far, by ordinal, a page at a time; live or archived. Long texts are cut; their lengths are returned, too.
-- A text with a NUL character, at which SQLite's functions stop, is returned whole: the program cuts it.
-- @Verdict null means any, WAITING those without a result; @TestCaseIds (a JSON array) null means any.
SELECT c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name,
       CASE WHEN INSTR(c.Input, CHAR(0)) > 0 THEN c.Input ELSE SUBSTR(c.Input, 1, @PreviewLength) END AS Input, LENGTH(c.Input) AS InputLength,
       CASE WHEN INSTR(c.ExpectedOutput, CHAR(0)) > 0 THEN c.ExpectedOutput ELSE SUBSTR(c.ExpectedOutput, 1, @PreviewLength) END AS ExpectedOutput, LENGTH(c.ExpectedOutput) AS ExpectedLength,
       COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score,
       CASE WHEN INSTR(COALESCE(l.Output, a.Output), CHAR(0)) > 0 THEN COALESCE(l.Output, a.Output) ELSE SUBSTR(COALESCE(l.Output, a.Output), 1, @PreviewLength) END AS Output, LENGTH(COALESCE(l.Output, a.Output)) AS OutputLength,
       SUBSTR(COALESCE(l.Error, a.Error), 1, @PreviewLength) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs,
       CASE WHEN json_valid(c.Scoring) THEN json_extract(c.Scoring, '$.type') END AS Scorer, CASE WHEN json_valid(c.Scoring) THEN json_extract(c.Scoring, '$.threshold') END AS Threshold, c.Weight, CASE WHEN LENGTH(c.Scoring) <= @PreviewLength THEN c.Scoring END AS Scoring,
       COALESCE(l.InputTokens, a.InputTokens) AS InputTokens, COALESCE(l.OutputTokens, a.OutputTokens) AS OutputTokens, COALESCE(l.Cost, a.Cost) AS Cost
FROM {schema}TestCase c
LEFT JOIN {schema}TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND (@TestCaseIds IS NULL OR c.Id IN ({ids @TestCaseIds}))
  AND (@Verdict IS NULL OR COALESCE(l.Verdict, a.Verdict) = @Verdict OR (@Verdict = 'WAITING' AND COALESCE(l.Verdict, a.Verdict) IS NULL))
ORDER BY c.Ordinal
LIMIT @Limit;

-- name: ListCaseReplies
-- The beginnings of what was asked and of a run's replies, to these cases (@TestCaseIds, a JSON array); live or archived.
SELECT x.TestCaseId, CASE WHEN INSTR(x.Output, CHAR(0)) > 0 THEN x.Output ELSE SUBSTR(x.Output, 1, @PreviewLength) END AS Output, LENGTH(x.Output) AS OutputLength, SUBSTR(x.Error, 1, @PreviewLength) AS Error, SUBSTRING(c.Input, 1, @PreviewLength) AS Input
FROM (SELECT TestCaseId, Output, Error
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId AND TestCaseId IN ({ids @TestCaseIds})
      UNION ALL
      SELECT TestCaseId, Output, Error
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId AND TestCaseId IN ({ids @TestCaseIds})) x
JOIN {schema}TestCase c ON c.Id = x.TestCaseId;
