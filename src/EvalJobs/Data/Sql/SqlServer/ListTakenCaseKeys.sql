-- Which of these keys (@CaseKeys, a JSON array) the cases of a suite revision have.
-- Parameters: @SuiteId bigint, @Revision int, @CaseKeys nvarchar(max)
SELECT CaseKey, Ordinal
FROM eval.TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND CaseKey IN (SELECT j.value COLLATE Latin1_General_BIN2 FROM OPENJSON(@CaseKeys) j);
