-- The cases that passed in one of two runs of a suite and not in the other, those that pass no more first; matched by case key across revisions.
SELECT c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name, n.Verdict, b.Verdict AS BaselineVerdict
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
WHERE (n.Verdict = 'PASSED' AND b.Verdict <> 'PASSED') OR (n.Verdict <> 'PASSED' AND b.Verdict = 'PASSED')
ORDER BY CASE WHEN n.Verdict = 'PASSED' THEN 1 ELSE 0 END, c.Ordinal
LIMIT @Limit;
