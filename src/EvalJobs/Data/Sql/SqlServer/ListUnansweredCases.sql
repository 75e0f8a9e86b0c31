-- The run's next cases without a result, after an ordinal: what a new attempt still has to ask.
-- Parameters: @RunId bigint, @AfterOrdinal int, @Limit int
SELECT TOP (@Limit) c.Id, c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Scoring, c.Weight
FROM eval.EvaluationRun r
JOIN eval.TestCase c ON c.SuiteId = r.SuiteId AND c.Revision = r.SuiteRevision
WHERE r.Id = @RunId AND c.Ordinal > @AfterOrdinal
  AND NOT EXISTS (SELECT 1 FROM eval.TestCaseResult x WHERE x.RunId = r.Id AND x.TestCaseId = c.Id)
ORDER BY c.Ordinal;
