-- How many results of each verdict a run has so far; live or archived.
SELECT x.Verdict, COUNT(*) AS ResultCount
FROM (SELECT Verdict
      FROM TestCaseResult
      WHERE RunId = @RunId
      UNION ALL
      SELECT Verdict
      FROM TestCaseResultArchive
      WHERE RunId = @RunId) x
GROUP BY x.Verdict;
