-- name: SearchVersions
-- The ids of versions whose agent and label hold a text, newest first: among the newest @Scan of a tenant; null means all tenants.
SELECT x.Id
FROM (SELECT Id, AgentName, VersionLabel
      FROM {schema}AgentVersion
      WHERE @TenantId IS NOT NULL AND TenantId = @TenantId
      UNION ALL
      SELECT Id, AgentName, VersionLabel
      FROM {schema}AgentVersion
      WHERE @TenantId IS NULL
      ORDER BY Id DESC
      LIMIT @Scan) x
WHERE x.AgentName || ' ' || x.VersionLabel {like @Pattern}
ORDER BY x.Id DESC
LIMIT @Limit;

-- name: SearchSuites
-- Suites whose name, description or tags hold a text, newest first: among the newest @Scan of a tenant; null means all tenants.
SELECT x.Id, x.Name, t.Slug AS TenantSlug, t.Name AS TenantName
FROM (SELECT Id, TenantId, Name, Description, Tags
      FROM {schema}EvaluationSuite
      WHERE (@TenantId IS NULL OR TenantId = @TenantId) AND Revision > 0
      ORDER BY Id DESC
      LIMIT @Scan) x
JOIN {schema}Tenant t ON t.Id = x.TenantId
WHERE x.Name {like @Pattern} OR x.Description {like @Pattern} OR x.Tags {like @Pattern}
ORDER BY x.Id DESC
LIMIT @Limit;

-- name: SearchCases
-- Cases of the current revisions whose key, title, input or expected output holds a text: among the @Scan cases of the newest suites of a tenant; null means all.
SELECT x.SuiteId, s.Name AS SuiteName, t.Slug AS TenantSlug, t.Name AS TenantName, x.Ordinal, x.CaseKey, x.Name, SUBSTR(x.Input, 1, @PreviewLength) AS Input
FROM (SELECT c.Id, c.SuiteId, c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput
      FROM {schema}EvaluationSuite i
      JOIN {schema}TestCase c ON c.SuiteId = i.Id AND c.Revision = i.Revision
      WHERE @TenantId IS NULL OR i.TenantId = @TenantId
      ORDER BY i.Id DESC
      LIMIT @Scan) x
JOIN {schema}EvaluationSuite s ON s.Id = x.SuiteId
JOIN {schema}Tenant t ON t.Id = s.TenantId
WHERE x.CaseKey {like @Pattern} OR x.Name {like @Pattern} OR x.Input {like @Pattern} OR x.ExpectedOutput {like @Pattern}
ORDER BY x.SuiteId DESC, x.Ordinal
LIMIT @Limit;

-- name: FindRunCases
-- A page of the ids of a run's cases that fit a filter, in an order, and how many fit; live or archived. Null means any. Only the first @MaxOrdinal cases are looked at.
SELECT x.TestCaseId, x.Total
FROM (SELECT c.Id AS TestCaseId, c.Ordinal, COALESCE(l.Score, a.Score) AS Score, COALESCE(l.DurationMs, a.DurationMs) AS DurationMs, COALESCE(l.Cost, a.Cost) AS Cost, COUNT(*) OVER () AS Total
      FROM {schema}TestCase c
      LEFT JOIN {schema}TestCaseResult l ON l.RunId = @RunId AND l.TestCaseId = c.Id
      LEFT JOIN {schema}TestCaseResultArchive a ON a.RunId = @RunId AND a.TestCaseId = c.Id
      WHERE c.SuiteId = @SuiteId AND c.Revision = @Revision AND c.Ordinal <= @MaxOrdinal
        AND (@Verdict IS NULL OR COALESCE(l.Verdict, a.Verdict) = @Verdict OR (@Verdict = 'WAITING' AND COALESCE(l.Verdict, a.Verdict) IS NULL))
        AND (@MinScore IS NULL OR COALESCE(l.Score, a.Score) >= @MinScore)
        AND (@MaxScore IS NULL OR COALESCE(l.Score, a.Score) <= @MaxScore)
        AND (@SlowerThanMs IS NULL OR COALESCE(l.DurationMs, a.DurationMs) > @SlowerThanMs)
        AND (@Pattern IS NULL OR c.CaseKey {like @Pattern} OR c.Name {like @Pattern} OR c.Input {like @Pattern} OR c.ExpectedOutput {like @Pattern}
             OR COALESCE(l.Output, a.Output) {like @Pattern} OR COALESCE(l.Error, a.Error) {like @Pattern})) x
ORDER BY CASE @Sort WHEN 'SCORE' THEN COALESCE(x.Score, 2) WHEN 'SCORE_DOWN' THEN COALESCE(-x.Score, 2) WHEN 'DURATION' THEN COALESCE(-x.DurationMs, 1) WHEN 'COST' THEN COALESCE(-x.Cost, 1) END, x.Ordinal
LIMIT @Limit OFFSET @Offset;
