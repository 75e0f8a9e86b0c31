-- How many cases a suite revision has.
-- Parameters: @SuiteId bigint, @Revision int
SELECT COUNT(*) AS CaseCount
FROM eval.TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision;
