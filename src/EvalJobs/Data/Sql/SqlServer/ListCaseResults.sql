-- A run's results with their cases, by ordinal, a page at a time; live or archived. Null verdict means any.
-- CROSS APPLY: walks the cases in order, which their unique index has, looks for each one's result and stops when the page is full.
-- Parameters: @RunId bigint, @SuiteId bigint, @Revision int, @Verdict varchar(20), @AfterOrdinal int, @Limit int
SELECT TOP (@Limit) c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, x.TestCaseId, x.Verdict, x.Score, x.Output, x.Error, x.DurationMs, x.InputTokens, x.OutputTokens, x.Cost
FROM eval.TestCase c
CROSS APPLY (SELECT l.TestCaseId, l.Verdict, l.Score, l.Output, l.Error, l.DurationMs, l.InputTokens, l.OutputTokens, l.Cost
             FROM eval.TestCaseResult l
             WHERE l.RunId = @RunId AND l.TestCaseId = c.Id
             UNION ALL
             SELECT a.TestCaseId, a.Verdict, a.Score, a.Output, a.Error, a.DurationMs, a.InputTokens, a.OutputTokens, a.Cost
             FROM eval.TestCaseResultArchive a
             WHERE a.RunId = @RunId AND a.TestCaseId = c.Id) x
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal AND (@Verdict IS NULL OR x.Verdict = CAST(@Verdict AS varchar(20)))
ORDER BY c.Ordinal;
