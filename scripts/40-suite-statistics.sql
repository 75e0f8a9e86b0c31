-- Purpose:    How suites do: runs, pass share and scores of each revision, and the cases that fail most at the current one. Archived runs count as well.
--             Rates, scores and cases are of COMPLETED runs, as on the dashboard: a FAILED run is no evidence about the agent. The cost is of all.
-- Parameters: @TenantSlug  only this tenant; empty: all
--             @SinceDays   runs that ended within so many days
--             @Top         how many cases
-- Changes:    nothing
-- Undo:       nothing to undo
SET NOCOUNT, XACT_ABORT, QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ARITHABORT, CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;

DECLARE @TenantSlug nvarchar(200) = N'';
DECLARE @SinceDays int = 30;
DECLARE @Top int = 50;

IF @TenantSlug IS NULL
    THROW 50002, N'There is no such tenant: set @TenantSlug, or leave it empty.', 1;
IF @TenantSlug <> N'' AND NOT EXISTS (SELECT 1 FROM eval.Tenant t WHERE t.Slug = @TenantSlug)
    THROW 50002, N'There is no such tenant: set @TenantSlug.', 1;
IF @SinceDays IS NULL OR @SinceDays NOT BETWEEN 1 AND 36500
    THROW 50014, N'@SinceDays must be from 1 to 36500.', 1;
IF @Top IS NULL OR @Top NOT BETWEEN 1 AND 100000
    THROW 50022, N'@Top must be from 1 to 100000.', 1;

SELECT t.Slug, s.Name, r.SuiteRevision, s.Revision AS CurrentRevision, MAX(r.CaseCount) AS CaseCount,
       COUNT(*) AS RunCount,
       SUM(CASE WHEN r.Status = 'COMPLETED' THEN 1 ELSE 0 END) AS CompletedCount,
       SUM(CASE WHEN r.Status = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
       SUM(CASE WHEN r.Status = 'COMPLETED' AND r.PassRate >= r.PassThreshold THEN 1 ELSE 0 END) AS PassedCount,
       CAST(SUM(CASE WHEN r.Status = 'COMPLETED' THEN r.PassedCount ELSE 0 END) AS float) / NULLIF(SUM(CASE WHEN r.Status = 'COMPLETED' THEN r.CaseCount ELSE 0 END), 0) AS PassRate,
       MIN(CASE WHEN r.Status = 'COMPLETED' THEN r.PassRate END) AS LowestPassRate, AVG(CASE WHEN r.Status = 'COMPLETED' THEN r.OverallScore END) AS AverageScore, SUM(r.Cost) AS Cost
FROM (SELECT TenantId, SuiteId, SuiteRevision, Status, CaseCount, PassedCount, PassRate, PassThreshold, OverallScore, Cost, CompletedAt FROM eval.EvaluationRun
      UNION ALL
      SELECT TenantId, SuiteId, SuiteRevision, Status, CaseCount, PassedCount, PassRate, PassThreshold, OverallScore, Cost, CompletedAt FROM eval.EvaluationRunArchive) r
JOIN eval.EvaluationSuite s ON s.Id = r.SuiteId
JOIN eval.Tenant t ON t.Id = r.TenantId
WHERE r.CompletedAt >= DATEADD(day, -@SinceDays, CAST(SYSUTCDATETIME() AS datetime2(3))) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
GROUP BY t.Slug, s.Name, r.SuiteRevision, s.Revision
ORDER BY t.Slug, s.Name, r.SuiteRevision DESC;

SELECT TOP (@Top) t.Slug, s.Name AS SuiteName, c.CaseKey, COUNT(*) AS AskedCount,
       SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END) AS PassedCount,
       SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END) AS FailedCount,
       SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END) AS ErroredCount,
       SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END) AS UnscoredCount,
       AVG(x.Score) AS AverageScore, AVG(x.DurationMs) AS AverageDurationMs
FROM (SELECT Id, Status, CompletedAt FROM eval.EvaluationRun
      UNION ALL
      SELECT Id, Status, CompletedAt FROM eval.EvaluationRunArchive) r
JOIN (SELECT RunId, TestCaseId, Verdict, Score, DurationMs FROM eval.TestCaseResult
      UNION ALL
      SELECT RunId, TestCaseId, Verdict, Score, DurationMs FROM eval.TestCaseResultArchive) x ON x.RunId = r.Id
JOIN eval.TestCase c ON c.Id = x.TestCaseId
JOIN eval.EvaluationSuite s ON s.Id = c.SuiteId AND s.Revision = c.Revision
JOIN eval.Tenant t ON t.Id = s.TenantId
WHERE r.Status = 'COMPLETED' AND r.CompletedAt >= DATEADD(day, -@SinceDays, CAST(SYSUTCDATETIME() AS datetime2(3))) AND (@TenantSlug = N'' OR t.Slug = @TenantSlug)
GROUP BY t.Slug, s.Name, c.CaseKey
ORDER BY FailedCount DESC, ErroredCount DESC, t.Slug, s.Name, c.CaseKey;
