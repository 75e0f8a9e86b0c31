-- The run's next cases without a result, after an ordinal: what a new attempt still has to ask.
SELECT c.Id, c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Scoring, c.Weight
FROM EvaluationRun r
JOIN TestCase c ON c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
WHERE r.Id = @RunId AND c.Ordinal > @AfterOrdinal
  AND NOT EXISTS (SELECT 1 FROM TestCaseResult x WHERE x.RunId = r.Id AND x.TestCaseId = c.Id)
ORDER BY c.Ordinal
LIMIT @Limit;
