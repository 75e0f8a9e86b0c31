-- The next cases of a suite revision after an ordinal.
SELECT Id, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight
FROM TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal
LIMIT @Limit;
