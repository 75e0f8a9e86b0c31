-- name: GetCaseDuration
-- How long the case at this place took, the quickest first; live or archived.
-- Parameters: @RunId bigint, @Offset int
SELECT x.DurationMs
FROM (SELECT DurationMs
      FROM {schema}TestCaseResult
      WHERE RunId = @RunId
      UNION ALL
      SELECT DurationMs
      FROM {schema}TestCaseResultArchive
      WHERE RunId = @RunId) x
ORDER BY x.DurationMs
{rows 1 after @Offset};
