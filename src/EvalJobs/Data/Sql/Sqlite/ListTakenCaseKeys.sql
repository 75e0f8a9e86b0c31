-- Which of these keys (@CaseKeys, a JSON array) the cases of a suite revision have.
SELECT CaseKey, Ordinal
FROM TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND CaseKey IN (SELECT value FROM json_each(@CaseKeys));
