-- The next cases of a suite revision after an ordinal, for reading. Long texts are cut: their lengths say so.
SELECT Id AS TestCaseId, Ordinal, CaseKey, Name, SUBSTR(Input, 1, @PreviewLength) AS Input, LENGTH(Input) AS InputLength,
       SUBSTR(ExpectedOutput, 1, @PreviewLength) AS ExpectedOutput, LENGTH(ExpectedOutput) AS ExpectedLength, Scoring, Weight
FROM TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal
LIMIT @Limit;
