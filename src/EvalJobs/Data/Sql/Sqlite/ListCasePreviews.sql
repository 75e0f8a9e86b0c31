-- A run's cases with their results so far, by ordinal, a page at a time; live or archived. Long texts are cut: their lengths say so.
-- @Verdict null means any, WAITING those without a result.
SELECT c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name,
       SUBSTR(c.Input, 1, @PreviewLength) AS Input, LENGTH(c.Input) AS InputLength, SUBSTR(c.ExpectedOutput, 1, @PreviewLength) AS ExpectedOutput, LENGTH(c.ExpectedOutput) AS ExpectedLength,
       COALESCE(l.Verdict, a.Verdict) AS Verdict, COALESCE(l.Score, a.Score) AS Score, SUBSTR(COALESCE(l.Output, a.Output), 1, @PreviewLength) AS Output, LENGTH(COALESCE(l.Output, a.Output)) AS OutputLength,
       SUBSTR(COALESCE(l.Error, a.Error), 1, @PreviewLength) AS Error, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs
FROM TestCase c
LEFT JOIN TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
LEFT JOIN TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND (@Verdict IS NULL OR COALESCE(l.Verdict, a.Verdict) = @Verdict OR (@Verdict = 'WAITING' AND COALESCE(l.Verdict, a.Verdict) IS NULL))
ORDER BY c.Ordinal
LIMIT @Limit;
