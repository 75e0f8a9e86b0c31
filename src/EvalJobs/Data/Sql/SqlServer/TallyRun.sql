-- Counts a run's results. The overall score is the weighted mean of the scores that exist.
-- Parameters: @RunId bigint
SELECT r.CaseCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'PASSED' THEN 1 ELSE 0 END), 0) AS PassedCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'FAILED' THEN 1 ELSE 0 END), 0) AS FailedCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'ERRORED' THEN 1 ELSE 0 END), 0) AS ErroredCount,
       COALESCE(SUM(CASE WHEN x.Verdict = 'UNSCORED' THEN 1 ELSE 0 END), 0) AS UnscoredCount,
       SUM(x.Score * c.Weight) / SUM(CASE WHEN x.Score IS NOT NULL THEN c.Weight END) AS OverallScore,
       SUM(x.InputTokens) AS InputTokens, SUM(x.OutputTokens) AS OutputTokens, SUM(x.Cost) AS Cost
FROM eval.EvaluationRun r
LEFT JOIN eval.TestCaseResult x ON x.RunId = r.Id
LEFT JOIN eval.TestCase c ON c.Id = x.TestCaseId
WHERE r.Id = @RunId
GROUP BY r.Id, r.CaseCount;
