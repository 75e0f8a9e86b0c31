-- name: AddSuite
-- Adds a suite without cases: revision 0, which nobody is shown, until ReviseSuite makes it 1, once its cases are there.
-- Parameters: @TenantId bigint, @Name nvarchar(200)
INSERT INTO {schema}EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
OUTPUT {suite columns of inserted}
VALUES (@TenantId, @Name, N'', 0, 1, 0, N'[]');

-- name: ReviseSuite
-- Gives a suite its next revision, unless someone else has. The cases of the old one stay for the runs that used them.
-- Parameters: @SuiteId bigint, @Revision int, @Name nvarchar(200), @Description nvarchar(max), @PassThreshold float, @IsDefault bit, @Tags nvarchar(max)
UPDATE {schema}EvaluationSuite
SET Revision = @Revision, Name = @Name, Description = @Description, PassThreshold = @PassThreshold, IsDefault = @IsDefault, Tags = @Tags
OUTPUT {suite columns of inserted}
WHERE Id = @SuiteId AND Revision = @Revision - 1;

-- name: CopyTestCases
-- Copies some cases of a suite revision (@FromRevision), by their ordinals, into another, but for those removed and replaced (JSON arrays of ordinals).
-- A case behind removed ones moves up by as many.
-- Some, because SQL Server locks the whole table when one statement takes some 5000 rows of it.
-- The two arrays are read once each, into tables, not once for each case. NOCOUNT: only the cases count; every connection begins with it off.
-- Parameters: @SuiteId bigint, @FromRevision int, @Revision int, @AfterOrdinal int, @LastOrdinal int, @Removed nvarchar(max), @Replaced nvarchar(max)
DECLARE @RemovedCase TABLE (Ordinal int NOT NULL PRIMARY KEY);
DECLARE @ReplacedCase TABLE (Ordinal int NOT NULL PRIMARY KEY);
SET NOCOUNT ON;
INSERT INTO @RemovedCase (Ordinal) SELECT DISTINCT CAST(j.value AS int) FROM OPENJSON(@Removed) j;
INSERT INTO @ReplacedCase (Ordinal) SELECT DISTINCT CAST(j.value AS int) FROM OPENJSON(@Replaced) j;
SET NOCOUNT OFF;
INSERT INTO {schema}TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight, Tags, MustPass)
SELECT c.SuiteId, @Revision, c.Ordinal - (SELECT COUNT(*) FROM @RemovedCase r WHERE r.Ordinal < c.Ordinal), c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Scoring, c.Weight, c.Tags, c.MustPass
FROM {schema}TestCase c
WHERE c.SuiteId = @SuiteId AND c.Revision = @FromRevision AND c.Ordinal > @AfterOrdinal AND c.Ordinal <= @LastOrdinal
  AND NOT EXISTS (SELECT 1 FROM @RemovedCase r WHERE r.Ordinal = c.Ordinal) AND NOT EXISTS (SELECT 1 FROM @ReplacedCase p WHERE p.Ordinal = c.Ordinal);

-- name: ListTakenCaseKeys
-- Which of these keys (@CaseKeys, a JSON array) the cases of a suite revision have.
-- CAST: a value of JSON is nvarchar(max), and the column would be converted to that row by row.
-- Parameters: @SuiteId bigint, @Revision int, @CaseKeys nvarchar(max)
SELECT CaseKey, Ordinal
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND CaseKey IN (SELECT CAST(j.value AS nvarchar(200)) COLLATE Latin1_General_BIN2 FROM OPENJSON(@CaseKeys) j);

-- name: ListSuitePage
-- A page of suites, newest first, with their tenant, the cases of the current revision and their runs, counted up to @CountLimit in each place.
-- Not one whose first cases are still being stored (revision 0).
-- Null means every tenant. RECOMPILE: the best index depends on whether one is given.
-- Parameters: @TenantId bigint, @BeforeId bigint, @CountLimit int, @Limit int
SELECT TOP (@Limit) s.Id, s.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, s.Name, s.Revision, s.PassThreshold, s.IsDefault, s.Tags, s.CreatedAt,
       (SELECT COUNT(*) FROM {schema}TestCase c WHERE c.SuiteId = s.Id AND c.Revision = s.Revision) AS CaseCount,
       (SELECT COUNT(*) FROM (SELECT TOP (@CountLimit) l.Id FROM {schema}EvaluationRun l WHERE l.SuiteId = s.Id) x) AS RunCount,
       (SELECT COUNT(*) FROM (SELECT TOP (@CountLimit) a.Id FROM {schema}EvaluationRunArchive a WHERE a.SuiteId = s.Id) x) AS ArchivedRunCount
FROM {schema}EvaluationSuite s
JOIN {schema}Tenant t ON t.Id = s.TenantId
WHERE (@TenantId IS NULL OR s.TenantId = @TenantId) AND s.Id < @BeforeId AND s.Revision > 0
ORDER BY s.Id DESC
OPTION (RECOMPILE);

-- name: ListSuiteRuns
-- The latest runs of each of these suites (@SuiteIds, a JSON array): at most @Limit live and @Limit archived ones each.
-- CROSS APPLY: each suite's part of its index is read from the end and left after @Limit. With IN (SELECT TOP …) the whole table may be read for each suite.
-- Parameters: @SuiteIds nvarchar(max), @Limit int
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.CreatedAt
FROM OPENJSON(@SuiteIds) j
CROSS APPLY (SELECT TOP (@Limit) i.Id, i.SuiteId, i.Status, i.PassRate, i.CreatedAt
             FROM {schema}EvaluationRun i
             WHERE i.SuiteId = CAST(j.value AS bigint)
             ORDER BY i.Id DESC) r
UNION ALL
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.CreatedAt
FROM OPENJSON(@SuiteIds) j
CROSS APPLY (SELECT TOP (@Limit) i.Id, i.SuiteId, i.Status, i.PassRate, i.CreatedAt
             FROM {schema}EvaluationRunArchive i
             WHERE i.SuiteId = CAST(j.value AS bigint)
             ORDER BY i.Id DESC) r;

-- name: ListSuiteCases
-- The next cases of a suite revision after an ordinal, for reading. Long texts are cut: their lengths say so.
-- Parameters: @SuiteId bigint, @Revision int, @AfterOrdinal int, @PreviewLength int, @Limit int
SELECT TOP (@Limit) Id AS TestCaseId, Ordinal, CaseKey, Name, LEFT(Input, @PreviewLength) AS Input, DATALENGTH(Input) / 2 AS InputLength,
       LEFT(ExpectedOutput, @PreviewLength) AS ExpectedOutput, DATALENGTH(ExpectedOutput) / 2 AS ExpectedLength, Scoring, Weight, Tags, MustPass
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal;
