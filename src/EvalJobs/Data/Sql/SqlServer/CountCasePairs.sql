-- How two runs of one suite went on the cases they share, matched by case key across revisions; live or archived.
-- Parameters: @RunId bigint, @BaselineRunId bigint, @SuiteId bigint, @BaselineRevision int
SELECT n.Verdict, b.Verdict AS BaselineVerdict, COUNT(*) AS CaseCount
FROM (SELECT TestCaseId, Verdict
      FROM eval.TestCaseResult
      WHERE RunId = @RunId
      UNION
      SELECT TestCaseId, Verdict
      FROM eval.TestCaseResultArchive
      WHERE RunId = @RunId) n
JOIN eval.TestCase c ON c.Id = n.TestCaseId
JOIN eval.TestCase e ON e.SuiteId = @SuiteId AND e.Revision = @BaselineRevision AND e.CaseKey = c.CaseKey
JOIN (SELECT TestCaseId, Verdict
      FROM eval.TestCaseResult
      WHERE RunId = @BaselineRunId
      UNION
      SELECT TestCaseId, Verdict
      FROM eval.TestCaseResultArchive
      WHERE RunId = @BaselineRunId) b ON b.TestCaseId = e.Id
GROUP BY n.Verdict, b.Verdict;
