-- How many results of each verdict a run has so far; live or archived.
-- Parameters: @RunId bigint
SELECT x.Verdict, COUNT(*) AS ResultCount
FROM (SELECT Verdict
      FROM eval.TestCaseResult
      WHERE RunId = @RunId
      UNION ALL
      SELECT Verdict
      FROM eval.TestCaseResultArchive
      WHERE RunId = @RunId) x
GROUP BY x.Verdict;
