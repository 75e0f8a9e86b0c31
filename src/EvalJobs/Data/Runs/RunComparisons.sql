-- name: ListComparableRuns
-- The suites with which two versions can be compared: both have a COMPLETED run of it that is not void, live or archived. The latest of each; first
-- the suites that are required of the version now, by its newest round, then the others, the latest first.
-- Parameters: @VersionId bigint, @BaselineVersionId bigint
SELECT n.SuiteId, s.Name AS SuiteName, n.RunId, b.RunId AS BaselineRunId
FROM (SELECT x.SuiteId, MAX(x.Id) AS RunId
      FROM (SELECT r.SuiteId, r.Id
            FROM {schema}EvaluationRun r
            WHERE r.VersionId = @VersionId AND r.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = r.Id AND k.VoidedAt IS NOT NULL)
            UNION ALL
            SELECT r.SuiteId, r.Id
            FROM {schema}EvaluationRunArchive r
            WHERE r.VersionId = @VersionId AND r.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = r.Id AND k.VoidedAt IS NOT NULL)) x
      GROUP BY x.SuiteId) n
JOIN (SELECT x.SuiteId, MAX(x.Id) AS RunId
      FROM (SELECT r.SuiteId, r.Id
            FROM {schema}EvaluationRun r
            WHERE r.VersionId = @BaselineVersionId AND r.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = r.Id AND k.VoidedAt IS NOT NULL)
            UNION ALL
            SELECT r.SuiteId, r.Id
            FROM {schema}EvaluationRunArchive r
            WHERE r.VersionId = @BaselineVersionId AND r.Status = 'COMPLETED' AND NOT EXISTS (SELECT 1 FROM {schema}RunLook k WHERE k.RunId = r.Id AND k.VoidedAt IS NOT NULL)) x
      GROUP BY x.SuiteId) b ON b.SuiteId = n.SuiteId
JOIN {schema}EvaluationSuite s ON s.Id = n.SuiteId
ORDER BY CASE WHEN n.SuiteId IN (SELECT q.SuiteId
                                FROM {schema}VersionRequirement q
                                WHERE q.GateId = (SELECT {top 1} g.Id FROM {schema}VersionGate g WHERE g.VersionId = @VersionId ORDER BY g.Round DESC {limit 1})) THEN 0 ELSE 1 END, n.RunId DESC;

-- name: CountCasePairs
-- The verdicts of two runs of one suite on the cases they share, matched by case key across revisions; live or archived.
-- Parameters: @RunId bigint, @BaselineRunId bigint, @SuiteId bigint, @BaselineRevision int
SELECT n.Verdict, b.Verdict AS BaselineVerdict, COUNT(*) AS CaseCount
FROM (SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId
      UNION
      SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId) n
JOIN {schema}TestCase c ON c.Id = n.TestCaseId
JOIN {schema}TestCase e ON e.SuiteId = @SuiteId AND e.Revision = @BaselineRevision AND e.CaseKey = c.CaseKey
JOIN (SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResult
      WHERE RunId = @BaselineRunId
      UNION
      SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @BaselineRunId) b ON b.TestCaseId = e.Id
GROUP BY n.Verdict, b.Verdict;

-- name: ListChangedCases
-- The cases that passed in one of two runs of a suite and not in the other, those that pass no more first; matched by case key across revisions.
-- Parameters: @RunId bigint, @BaselineRunId bigint, @SuiteId bigint, @BaselineRevision int, @Limit int
SELECT {top @Limit} c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name, SUBSTRING(c.Input, 1, 400) AS Input, n.Verdict, b.Verdict AS BaselineVerdict
FROM (SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId
      UNION
      SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId) n
JOIN {schema}TestCase c ON c.Id = n.TestCaseId
JOIN {schema}TestCase e ON e.SuiteId = @SuiteId AND e.Revision = @BaselineRevision AND e.CaseKey = c.CaseKey
JOIN (SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResult
      WHERE RunId = @BaselineRunId
      UNION
      SELECT TestCaseId, Verdict
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @BaselineRunId) b ON b.TestCaseId = e.Id
WHERE (n.Verdict = 'PASSED' AND b.Verdict <> 'PASSED') OR (n.Verdict <> 'PASSED' AND b.Verdict = 'PASSED')
ORDER BY CASE WHEN n.Verdict = 'PASSED' THEN 1 ELSE 0 END, c.Ordinal
{limit @Limit};

-- name: ListComparedCases
-- The cases that two runs of a suite share, by ordinal, a page at a time; matched by case key across revisions, live or archived.
-- Walks the cases in order and looks for each one's results, so that a page costs the same however long the run is.
-- Parameters: @RunId bigint, @BaselineRunId bigint, @SuiteId bigint, @Revision int, @BaselineRevision int, @AfterOrdinal int, @Limit int
SELECT {top @Limit} c.Ordinal, c.CaseKey, c.Name,
       COALESCE(nl.Verdict, na.Verdict) AS Verdict, COALESCE(nl.Score, na.Score) AS Score, COALESCE(nl.DurationMs, na.DurationMs) AS DurationMs,
       COALESCE(bl.Verdict, ba.Verdict) AS BaselineVerdict, COALESCE(bl.Score, ba.Score) AS BaselineScore, COALESCE(bl.DurationMs, ba.DurationMs) AS BaselineDurationMs
FROM {schema}TestCase c
JOIN {schema}TestCase e ON e.SuiteId = c.SuiteId AND e.Revision = @BaselineRevision AND e.CaseKey = c.CaseKey
LEFT JOIN {schema}TestCaseResult nl ON nl.RunId = @RunId AND nl.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResultArchive na ON na.RunId = @RunId AND na.TestCaseId = c.Id
LEFT JOIN {schema}TestCaseResult bl ON bl.RunId = @BaselineRunId AND bl.TestCaseId = e.Id
LEFT JOIN {schema}TestCaseResultArchive ba ON ba.RunId = @BaselineRunId AND ba.TestCaseId = e.Id
WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal > @AfterOrdinal
  AND COALESCE(nl.Verdict, na.Verdict) IS NOT NULL AND COALESCE(bl.Verdict, ba.Verdict) IS NOT NULL
ORDER BY c.Ordinal
{limit @Limit};

-- name: ListCaseOutcomes
-- The results of a run's cases, without the texts, by ordinal; live or archived.
-- Parameters: @RunId bigint, @Limit int
SELECT {top @Limit} c.Id AS TestCaseId, c.Ordinal, c.CaseKey, c.Name, x.Verdict, x.Score, x.DurationMs, x.Cost
FROM (SELECT TestCaseId, Verdict, Score, DurationMs, Cost
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId
      UNION ALL
      SELECT TestCaseId, Verdict, Score, DurationMs, Cost
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId) x
JOIN {schema}TestCase c ON c.Id = x.TestCaseId
ORDER BY c.Ordinal
{limit @Limit};
