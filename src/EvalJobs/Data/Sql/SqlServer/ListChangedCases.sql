-- The cases that passed in one of two runs of a suite and not in the other, those that pass no more first; matched by case key across revisions.
-- Parameters: @RunId bigint, @BaselineRunId bigint, @SuiteId bigint, @BaselineRevision int, @Limit int
SELECT TOP (@Limit) c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name, n.Verdict, b.Verdict AS BaselineVerdict
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
WHERE (n.Verdict = 'PASSED' AND b.Verdict <> 'PASSED') OR (n.Verdict <> 'PASSED' AND b.Verdict = 'PASSED')
ORDER BY CASE WHEN n.Verdict = 'PASSED' THEN 1 ELSE 0 END, c.Ordinal;
