-- The suites with which two versions can be compared: both have a COMPLETED run of it, live or archived. The latest of each, latest first.
SELECT n.SuiteId, s.Name AS SuiteName, n.RunId, b.RunId AS BaselineRunId
FROM (SELECT x.SuiteId, MAX(x.Id) AS RunId
      FROM (SELECT SuiteId, Id
            FROM EvaluationRun
            WHERE VersionId = @VersionId AND Status = 'COMPLETED'
            UNION ALL
            SELECT SuiteId, Id
            FROM EvaluationRunArchive
            WHERE VersionId = @VersionId AND Status = 'COMPLETED') x
      GROUP BY x.SuiteId) n
JOIN (SELECT x.SuiteId, MAX(x.Id) AS RunId
      FROM (SELECT SuiteId, Id
            FROM EvaluationRun
            WHERE VersionId = @BaselineVersionId AND Status = 'COMPLETED'
            UNION ALL
            SELECT SuiteId, Id
            FROM EvaluationRunArchive
            WHERE VersionId = @BaselineVersionId AND Status = 'COMPLETED') x
      GROUP BY x.SuiteId) b ON b.SuiteId = n.SuiteId
JOIN EvaluationSuite s ON s.Id = n.SuiteId
ORDER BY n.RunId DESC;
