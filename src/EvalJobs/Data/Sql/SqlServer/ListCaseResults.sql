-- A run's results with their cases, by ordinal, a page at a time; live or archived. Null verdict means any.
-- Parameters: @RunId bigint, @Verdict varchar(20), @AfterOrdinal int, @Limit int
SELECT TOP (@Limit) c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, x.TestCaseId, x.Verdict, x.Score, x.Output, x.Error, x.DurationMs, x.InputTokens, x.OutputTokens, x.Cost
FROM (SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
      FROM eval.TestCaseResult
      WHERE RunId = @RunId
      UNION ALL
      SELECT RunId, TestCaseId, Verdict, Score, Output, Error, DurationMs, InputTokens, OutputTokens, Cost
      FROM eval.TestCaseResultArchive
      WHERE RunId = @RunId) x
JOIN eval.TestCase c ON c.Id = x.TestCaseId
WHERE c.Ordinal > @AfterOrdinal AND (@Verdict IS NULL OR x.Verdict = CAST(@Verdict AS varchar(20)))
ORDER BY c.Ordinal;
