-- name: AddRun
-- Adds a pending run of the suite's current revision, due now. A second live run of the version and suite violates UX_EvaluationRun_LiveVersionSuite.
-- Parameters: @TenantId bigint, @SuiteId bigint, @SuiteRevision int, @VersionId bigint, @Priority int, @PreviousEvalStatus varchar(20), @Trigger varchar(20), @CaseCount int, @PassThreshold float, @ContinuesRunId bigint, @RepeatsRunId bigint
INSERT INTO {schema}EvaluationRun (TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, PreviousEvalStatus, [Trigger], CaseCount, PassThreshold, ContinuesRunId, RepeatsRunId)
OUTPUT {run columns of inserted}
VALUES (@TenantId, @SuiteId, @SuiteRevision, @VersionId, 'PENDING', @Priority, @PreviousEvalStatus, @Trigger, @CaseCount, @PassThreshold, @ContinuesRunId, @RepeatsRunId);

-- name: ListCaseResults
-- A run's results with their cases, by ordinal, a page at a time; live or archived. Null verdict means any.
-- CROSS APPLY: walks the cases in order, which their unique index has, looks for each one's result and stops when the page is full.
-- Parameters: @RunId bigint, @SuiteId bigint, @Revision int, @Verdict varchar(20), @AfterOrdinal int, @Limit int
SELECT TOP (@Limit) c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, x.TestCaseId, x.Verdict, x.Score, x.Output, x.Error, x.DurationMs, x.InputTokens, x.OutputTokens, x.Cost
FROM {schema}TestCase c
CROSS APPLY (SELECT l.TestCaseId, l.Verdict, l.Score, l.Output, l.Error, l.DurationMs, l.InputTokens, l.OutputTokens, l.Cost
             FROM {schema}TestCaseResult l
             WHERE l.RunId = @RunId AND l.TestCaseId = c.Id
             UNION ALL
             SELECT a.TestCaseId, a.Verdict, a.Score, a.Output, a.Error, a.DurationMs, a.InputTokens, a.OutputTokens, a.Cost
             FROM {schema}TestCaseResultArchive a
             WHERE a.RunId = @RunId AND a.TestCaseId = c.Id) x
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal AND (@Verdict IS NULL OR x.Verdict = CAST(@Verdict AS varchar(20)))
ORDER BY c.Ordinal;

-- name: CancelRun
-- Ends a run that is RUNNING or PENDING. Its worker then finds that it lost the lease.
-- Parameters: @RunId bigint
UPDATE {schema}EvaluationRun
SET Status = 'CANCELLED', LeaseOwner = NULL, LeaseUntil = NULL, CompletedAt = {now}
OUTPUT {run columns of inserted}
WHERE Id = @RunId AND Status IN ('PENDING', 'RUNNING');

-- name: ListRunRows
-- These runs (@RunIds, a JSON array) with the names of what they belong to, newest first; live and archived. For a run that failed permanently also the
-- run that replaced it: the next of its version and suite that was not cancelled, as in ListRunsNeedingAction.
-- Parameters: @RunIds nvarchar(max)
SELECT r.Id, r.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, r.SuiteId, s.Name AS SuiteName, r.SuiteRevision, r.VersionId, v.AgentName, v.VersionLabel, v.EvalStatus,
       r.Status, r.Priority, r.DueAt, r.Attempt, r.[Trigger], r.CreatedAt, r.StartedAt, r.CompletedAt, r.PassThreshold, r.PassRate, r.CaseCount, r.PassedCount,
       r.FailedCount, r.ErroredCount, r.UnscoredCount, r.CutCount, r.OverallScore, r.InputTokens, r.OutputTokens, r.Cost, r.Error, r.ArchivedAt, k.VoidedAt, r.AcknowledgedAt,
       CASE WHEN r.Status = 'FAILED' THEN (SELECT MIN(n.Id) FROM {schema}EvaluationRun n {indexed by IX_EvaluationRun_Version} WHERE n.VersionId = r.VersionId AND n.SuiteId = r.SuiteId AND n.Id > r.Id AND n.Status <> 'CANCELLED') END AS LaterRunId
FROM (SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount,
             FailedCount, ErroredCount, UnscoredCount, CutCount, OverallScore, InputTokens, OutputTokens, Cost, Error, AcknowledgedAt, CAST(NULL AS datetime2(3)) AS ArchivedAt
      FROM {schema}EvaluationRun
      WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)
      UNION ALL
      SELECT Id, TenantId, SuiteId, SuiteRevision, VersionId, Status, Priority, DueAt, Attempt, [Trigger], CreatedAt, StartedAt, CompletedAt, PassThreshold, PassRate, CaseCount, PassedCount,
             FailedCount, ErroredCount, UnscoredCount, CutCount, OverallScore, InputTokens, OutputTokens, Cost, Error, AcknowledgedAt, ArchivedAt
      FROM {schema}EvaluationRunArchive
      WHERE Id IN (SELECT CAST(j.value AS bigint) FROM OPENJSON(@RunIds) j)) r
JOIN {schema}Tenant t ON t.Id = r.TenantId
JOIN {schema}EvaluationSuite s ON s.Id = r.SuiteId
JOIN {schema}AgentVersion v ON v.Id = r.VersionId
LEFT JOIN {schema}RunLook k ON k.RunId = r.Id
ORDER BY r.Id DESC;

-- name: FindRunIdAt
-- The highest id of runs at that time; later runs have higher ids. 0 when there was none yet.
-- Subtracts whole days and the rest separately, because DATEADD takes an int.
-- Parameters: @AgoMs bigint
SELECT COALESCE(MAX(x.Id), 0) AS Id
FROM (SELECT (SELECT TOP (1) r.Id FROM {schema}EvaluationRun r WHERE r.CreatedAt <= DATEADD(millisecond, -(@AgoMs % 86400000), DATEADD(day, -(@AgoMs / 86400000), {now})) ORDER BY r.CreatedAt DESC) AS Id
      UNION ALL
      SELECT (SELECT TOP (1) r.Id FROM {schema}EvaluationRunArchive r WHERE r.CreatedAt <= DATEADD(millisecond, -(@AgoMs % 86400000), DATEADD(day, -(@AgoMs / 86400000), {now})) ORDER BY r.CreatedAt DESC) AS Id) x;

-- name: ListCasePreviews
-- A run's cases with their results so far, by ordinal, a page at a time; live or archived. Long texts are cut; their lengths are returned, too.
-- @Verdict null means any, WAITING those without a result; @TestCaseIds (a JSON array) null means any.
-- Parameters: @RunId bigint, @SuiteId bigint, @Revision int, @Verdict varchar(20), @TestCaseIds nvarchar(max), @AfterOrdinal int, @PreviewLength int, @Limit int
SELECT TOP (@Limit) c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name,
       LEFT(c.Input, @PreviewLength) AS Input, DATALENGTH(c.Input) / 2 AS InputLength, LEFT(c.ExpectedOutput, @PreviewLength) AS ExpectedOutput, DATALENGTH(c.ExpectedOutput) / 2 AS ExpectedLength,
       COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score, LEFT(COALESCE(l.Output, a.Output), @PreviewLength) AS Output, DATALENGTH(COALESCE(l.Output, a.Output)) / 2 AS OutputLength,
       LEFT(COALESCE(l.Error, a.Error), @PreviewLength) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs,
       CASE WHEN ISJSON(c.Scoring) = 1 THEN JSON_VALUE(c.Scoring, '$.type') END AS Scorer, CASE WHEN ISJSON(c.Scoring) = 1 THEN CAST(JSON_VALUE(c.Scoring, '$.threshold') AS float) END AS Threshold, c.Weight, CASE WHEN DATALENGTH(c.Scoring) / 2 <= @PreviewLength THEN c.Scoring END AS Scoring,
       COALESCE(l.InputTokens, a.InputTokens) AS InputTokens, COALESCE(l.OutputTokens, a.OutputTokens) AS OutputTokens, COALESCE(l.Cost, a.Cost) AS Cost
FROM {schema}TestCase c
LEFT JOIN {schema}TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND (@TestCaseIds IS NULL OR c.Id IN ({ids @TestCaseIds}))
  AND (@Verdict IS NULL OR COALESCE(l.Verdict, a.Verdict) = @Verdict OR (@Verdict = 'WAITING' AND COALESCE(l.Verdict, a.Verdict) IS NULL))
ORDER BY c.Ordinal;

-- name: ListCaseReplies
-- The beginnings of what was asked and of a run's replies, to these cases (@TestCaseIds, a JSON array); live or archived.
-- Parameters: @RunId bigint, @TestCaseIds nvarchar(max), @PreviewLength int
SELECT x.TestCaseId, SUBSTRING(x.Output, 1, @PreviewLength) AS Output, CAST(DATALENGTH(x.Output) / 2 AS bigint) AS OutputLength, SUBSTRING(x.Error, 1, @PreviewLength) AS Error, SUBSTRING(c.Input, 1, @PreviewLength) AS Input
FROM (SELECT TestCaseId, Output, Error
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId AND TestCaseId IN ({ids @TestCaseIds})
      UNION ALL
      SELECT TestCaseId, Output, Error
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId AND TestCaseId IN ({ids @TestCaseIds})) x
JOIN {schema}TestCase c ON c.Id = x.TestCaseId;
