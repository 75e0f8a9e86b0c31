-- Takes back a new suite whose cases were not stored: revision 0, and none of its cases there.
-- Parameters: @SuiteId bigint
DELETE FROM eval.EvaluationSuite
WHERE Id = @SuiteId AND Revision = 0 AND NOT EXISTS (SELECT 1 FROM eval.TestCase c WHERE c.SuiteId = @SuiteId);
