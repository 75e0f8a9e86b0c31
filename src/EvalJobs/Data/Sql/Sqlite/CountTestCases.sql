-- How many cases a suite revision has.
SELECT COUNT(*) AS CaseCount
FROM TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision;
