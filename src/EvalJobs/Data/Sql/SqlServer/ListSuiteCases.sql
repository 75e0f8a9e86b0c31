-- The next cases of a suite revision after an ordinal, for reading. Long texts are cut: their lengths say so.
-- Parameters: @SuiteId bigint, @Revision int, @AfterOrdinal int, @PreviewLength int, @Limit int
SELECT TOP (@Limit) Id AS TestCaseId, Ordinal, CaseKey, Name, LEFT(Input, @PreviewLength) AS Input, DATALENGTH(Input) / 2 AS InputLength,
       LEFT(ExpectedOutput, @PreviewLength) AS ExpectedOutput, DATALENGTH(ExpectedOutput) / 2 AS ExpectedLength, Scoring, Weight
FROM eval.TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal;
