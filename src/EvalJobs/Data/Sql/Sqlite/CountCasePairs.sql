-- How two runs of one suite went on the cases they share, matched by case key across revisions; live or archived.
SELECT n.Verdict, b.Verdict AS BaselineVerdict, COUNT(*) AS CaseCount
FROM (SELECT TestCaseId, Verdict
      FROM TestCaseResult
      WHERE RunId = @RunId
      UNION
      SELECT TestCaseId, Verdict
      FROM TestCaseResultArchive
      WHERE RunId = @RunId) n
JOIN TestCase c ON c.Id = n.TestCaseId
JOIN TestCase e ON e.SuiteId = @SuiteId AND e.Revision = @BaselineRevision AND e.CaseKey = c.CaseKey
JOIN (SELECT TestCaseId, Verdict
      FROM TestCaseResult
      WHERE RunId = @BaselineRunId
      UNION
      SELECT TestCaseId, Verdict
      FROM TestCaseResultArchive
      WHERE RunId = @BaselineRunId) b ON b.TestCaseId = e.Id
GROUP BY n.Verdict, b.Verdict;
