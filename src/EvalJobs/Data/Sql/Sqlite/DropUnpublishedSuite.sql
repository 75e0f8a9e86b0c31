-- Takes back a new suite whose cases were not stored: revision 0, and none of its cases there.
DELETE FROM EvaluationSuite
WHERE Id = @SuiteId AND Revision = 0 AND NOT EXISTS (SELECT 1 FROM TestCase c WHERE c.SuiteId = @SuiteId);
