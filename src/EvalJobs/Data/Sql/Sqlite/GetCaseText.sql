-- The whole texts of one case of a run, live or archived. No row when the case is not of the run's suite.
SELECT c.Input, c.ExpectedOutput, COALESCE(l.Output, a.Output) AS Output
FROM TestCase c
LEFT JOIN TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.Id = @TestCaseId AND c.SuiteId = @SuiteId;
