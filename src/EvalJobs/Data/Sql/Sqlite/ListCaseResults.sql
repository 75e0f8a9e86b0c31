-- A run's results with their cases, by ordinal, a page at a time; live or archived. Null verdict means any.
-- Walks the cases in order, which their unique index has, looks for each one's result and stops when the page is full.
SELECT c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Id AS TestCaseId, COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score,
       COALESCE(l.Output, a.Output) AS Output, COALESCE(l.Error, a.Error) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs,
       COALESCE(l.InputTokens, a.InputTokens) AS InputTokens, COALESCE(l.OutputTokens, a.OutputTokens) AS OutputTokens, COALESCE(l.Cost, a.Cost) AS Cost
FROM TestCase c
LEFT JOIN TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND COALESCE(l.Verdict, a.Verdict) = COALESCE(@Verdict, l.Verdict, a.Verdict)
ORDER BY c.Ordinal
LIMIT @Limit;
