-- name: SearchTenants
-- Tenants whose slug or name holds a text, by slug. Reads all tenants once.
-- Parameters: @Pattern nvarchar(410), @Limit int
SELECT {top @Limit} {tenant columns}
FROM {schema}Tenant
WHERE Slug {like @Pattern} OR Name {like @Pattern}
ORDER BY Slug
{limit @Limit};

-- name: SearchSuites
-- Suites whose name, description or tags hold a text, newest first: among the newest @Scan of a tenant; null means all tenants.
-- RECOMPILE: the best index depends on whether a tenant is given.
-- Parameters: @TenantId bigint, @Pattern nvarchar(410), @Scan int, @Limit int
SELECT {top @Limit} x.Id, x.Name, t.Slug AS TenantSlug, t.Name AS TenantName
FROM (SELECT {top @Scan} Id, TenantId, Name, Description, Tags
      FROM {schema}EvaluationSuite
      WHERE (@TenantId IS NULL OR TenantId = @TenantId) AND Revision > 0
      ORDER BY Id DESC
      {limit @Scan}) x
JOIN {schema}Tenant t ON t.Id = x.TenantId
WHERE x.Name {like @Pattern} OR x.Description {like @Pattern} OR x.Tags {like @Pattern}
ORDER BY x.Id DESC
{limit @Limit}
{recompile};

-- name: SearchCases
-- Cases of the current revisions whose key, title, input or expected output holds a text: among the @Scan cases of the newest suites of a tenant; null means all.
-- RECOMPILE: as in SearchSuites.
-- Parameters: @TenantId bigint, @Pattern nvarchar(410), @Scan int, @PreviewLength int, @Limit int
SELECT {top @Limit} x.SuiteId, s.Name AS SuiteName, t.Slug AS TenantSlug, t.Name AS TenantName, x.Ordinal, x.CaseKey, x.Name, SUBSTRING(x.Input, 1, @PreviewLength) AS Input
FROM (SELECT {top @Scan} c.Id, c.SuiteId, c.Ordinal, c.CaseKey, c.Name, c.Input, c.ExpectedOutput
      FROM {schema}EvaluationSuite i
      JOIN {schema}TestCase c ON c.SuiteId = i.Id AND c.Revision = i.Revision
      WHERE @TenantId IS NULL OR i.TenantId = @TenantId
      ORDER BY i.Id DESC
      {limit @Scan}) x
JOIN {schema}EvaluationSuite s ON s.Id = x.SuiteId
JOIN {schema}Tenant t ON t.Id = s.TenantId
WHERE x.CaseKey {like @Pattern} OR x.Name {like @Pattern} OR {holds x.Input @Pattern} OR {holds x.ExpectedOutput @Pattern}
ORDER BY x.SuiteId DESC, x.Ordinal
{limit @Limit}
{recompile};

-- name: FindRunCases
-- A page of the ids of a run's cases that fit a filter, in an order, and how many fit; live or archived. Null means any. Only the first @MaxOrdinal cases are looked at.
-- RECOMPILE: most of the filters are rarely given.
-- Parameters: @RunId bigint, @SuiteId bigint, @Revision int, @MaxOrdinal int, @Verdict varchar(20), @MinScore float, @MaxScore float, @SlowerThanMs bigint, @Pattern nvarchar(410), @Sort varchar(20), @Limit int, @Offset int
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
        AND (@Pattern IS NULL OR c.CaseKey {like @Pattern} OR c.Name {like @Pattern} OR {holds c.Input @Pattern} OR {holds c.ExpectedOutput @Pattern}
             OR {holds COALESCE(l.Output, a.Output) @Pattern} OR {holds COALESCE(l.Error, a.Error) @Pattern})) x
ORDER BY CASE @Sort WHEN 'SCORE' THEN COALESCE(x.Score, 2) WHEN 'SCORE_DOWN' THEN COALESCE(-x.Score, 2) WHEN 'DURATION' THEN COALESCE(CAST(-x.DurationMs AS float), 1) WHEN 'COST' THEN COALESCE(-x.Cost, 1) END, x.Ordinal
{rows @Limit after @Offset}
{recompile};
