-- A run's cases with their results so far, by ordinal, a page at a time; live or archived. Long texts are cut: their lengths say so.
-- @Verdict null means any, WAITING those without a result.
-- Parameters: @RunId bigint, @SuiteId bigint, @Revision int, @Verdict varchar(20), @AfterOrdinal int, @PreviewLength int, @Limit int
SELECT TOP (@Limit) c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name,
       LEFT(c.Input, @PreviewLength) AS Input, DATALENGTH(c.Input) / 2 AS InputLength, LEFT(c.ExpectedOutput, @PreviewLength) AS ExpectedOutput, DATALENGTH(c.ExpectedOutput) / 2 AS ExpectedLength,
       COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score, LEFT(COALESCE(l.Output, a.Output), @PreviewLength) AS Output, DATALENGTH(COALESCE(l.Output, a.Output)) / 2 AS OutputLength,
       LEFT(COALESCE(l.Error, a.Error), @PreviewLength) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs
FROM eval.TestCase c
LEFT JOIN eval.TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN eval.TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND (@Verdict IS NULL OR COALESCE(l.Verdict, a.Verdict) = @Verdict OR (@Verdict = 'WAITING' AND COALESCE(l.Verdict, a.Verdict) IS NULL))
ORDER BY c.Ordinal;
