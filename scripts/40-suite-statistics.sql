-- Purpose:    How suites do: runs, pass share and scores of each revision, and the cases that fail most at the current one. Archived runs count as well.
-- Parameters: @TenantSlug  only this tenant; empty: all
--             @SinceDays   runs that ended within so many days
--             @Top         how many cases
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @TenantSlug nvarchar(63) = N'';
DECLARE @SinceDays int = 30;
DECLARE @Top int = 50;

SELECT t.Slug, s.Name, r.SuiteRevision, s.Revision AS CurrentRevision, MAX(r.CaseCount) AS CaseCount,
       COUNT(*) AS RunCount,
       SUM(CASE WHEN r.Status = 'COMPLETED' THEN 1 ELSE 0 END) AS CompletedCount,
       SUM(CASE WHEN r.Status = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
       SUM(CASE WHEN r.Status = 'COMPLETED' AND r.PassRate >= r.PassThreshold THEN 1 ELSE 0 END) AS PassedCount,
       AVG(r.PassRate) AS AveragePassRate, MIN(r.PassRate) AS LowestPassRate, AVG(r.OverallScore) AS AverageScore, SUM(r.Cost) AS Cost
FROM (SELECT TenantId, SuiteId, SuiteRevision, Status, CaseCount, PassRate, PassThreshold, OverallScore, Cost, CompletedAt FROM eval.EvaluationRun
      UNION ALL
      SELECT TenantId, SuiteId, SuiteRevision, Status, CaseCount, PassRate, PassThreshold, OverallScore, Cost, CompletedAt FROM eval.EvaluationRunArchive) r
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId
JOIN eval.Tenant t ON t.Id = r.TenantId
WHERE r.CompletedAt >= DATEADD(day, -@SinceDays, SYSUTCDATETIME()) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
GROUP BY t.Slug, s.Name, r.SuiteRevision, s.Revision
ORDER BY t.Slug, s.Name, r.SuiteRevision DESC;

SELECT TOP (@Top) t.Slug, s.Name AS SuiteName, c.CaseKey, COUNT(*) AS AskedCount,
       SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END) AS PassedCount,
       SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
       SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END) AS ErroredCount,
       SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END) AS UnscoredCount,
       AVG(x.Score) AS AverageScore, AVG(x.DurationMs) AS AverageDurationMs
FROM (SELECT Id, CompletedAt FROM eval.EvaluationRun
      UNION ALL
      SELECT Id, CompletedAt FROM eval.EvaluationRunArchive) r
JOIN (SELECT RunId, TestCaseId, Verdict, Score, DurationMs FROM eval.TestCaseResult
      UNION ALL
      SELECT RunId, TestCaseId, Verdict, Score, DurationMs FROM eval.TestCaseResultArchive) x ON x.RunId = r.Id
JOIN eval.TestCase c ON c.Id = x.TestCaseId
JOIN eval.EvaluationSuite s ON s.Id = c.SuiteId AND s.Revision = c.Revision
JOIN eval.Tenant t ON t.Id = s.TenantId
WHERE r.CompletedAt >= DATEADD(day, -@SinceDays, SYSUTCDATETIME()) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
GROUP BY t.Slug, s.Name, c.CaseKey
ORDER BY FailedCount DESC, ErroredCount DESC, t.Slug, s.Name, c.CaseKey;
