-- The next cases of a suite revision after an ordinal.
-- Parameters: @SuiteId bigint, @Revision int, @AfterOrdinal int, @Limit int
SELECT TOP (@Limit) Id, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight
FROM eval.TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal;
