-- name: AddSuite
-- Adds a suite without cases: revision 0, which no list contains. ReviseSuite makes it 1 once its cases are stored.
-- Parameters: @TenantId bigint, @Name nvarchar(200)
INSERT INTO {schema}EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
OUTPUT {suite columns of inserted}
VALUES (@TenantId, @Name, N'', 0, 1, 0, N'[]');

-- name: ReviseSuite
-- Gives a suite its next revision, unless another transaction has. The cases of the old revision stay for the runs that used them.
-- Parameters: @SuiteId bigint, @Revision int, @Name nvarchar(200), @Description nvarchar(max), @PassThreshold float, @IsDefault bit, @Tags nvarchar(max)
UPDATE {schema}EvaluationSuite
SET Revision = @Revision, Name = @Name, Description = @Description, PassThreshold = @PassThreshold, IsDefault = @IsDefault, Tags = @Tags
OUTPUT {suite columns of inserted}
WHERE Id = @SuiteId AND Revision = @Revision - 1;

-- name: CopyTestCases
-- Copies some cases of a suite revision (@FromRevision), by their ordinals, to another revision, except those removed and replaced (JSON arrays of ordinals).
-- A case after removed ones moves up by their number.
-- Some at a time, because SQL Server locks the whole table when one statement locks about 5000 rows.
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
-- Null means any; a name and a tag are looked for among the next @Scan suites. RECOMPILE: the best index depends on whether a tenant is given.
-- Parameters: @TenantId bigint, @BeforeId bigint, @NamePattern nvarchar(410), @TagPattern nvarchar(410), @Scan int, @CountLimit int, @Limit int
SELECT TOP (@Limit) s.Id, s.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, s.Name, s.Revision, s.PassThreshold, s.IsDefault, s.Tags, s.CreatedAt,
       (SELECT COUNT(*) FROM {schema}TestCase c WHERE c.SuiteId = s.Id AND c.Revision = s.Revision) AS CaseCount,
       (SELECT COUNT(*) FROM (SELECT TOP (@CountLimit) l.Id FROM {schema}EvaluationRun l WHERE l.SuiteId = s.Id) x) AS RunCount,
       (SELECT COUNT(*) FROM (SELECT TOP (@CountLimit) a.Id FROM {schema}EvaluationRunArchive a WHERE a.SuiteId = s.Id) x) AS ArchivedRunCount
FROM (SELECT TOP (@Scan) Id, TenantId, Name, Revision, PassThreshold, IsDefault, Tags, CreatedAt
      FROM {schema}EvaluationSuite
      WHERE (@TenantId IS NULL OR TenantId = @TenantId) AND Id < @BeforeId AND Revision > 0
      ORDER BY Id DESC) s
JOIN {schema}Tenant t ON t.Id = s.TenantId
WHERE (@NamePattern IS NULL OR s.Name {like @NamePattern}) AND (@TagPattern IS NULL OR s.Tags {like @TagPattern})
ORDER BY s.Id DESC
OPTION (RECOMPILE);

-- name: ListSuiteRuns
-- The latest runs of each of these suites (@SuiteIds, a JSON array): at most @Limit live and @Limit archived ones each.
-- CROSS APPLY: each suite's part of its index is read from the end and left after @Limit. With IN (SELECT TOP …) the whole table may be read for each suite.
-- Parameters: @SuiteIds nvarchar(max), @Limit int
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.PassedCount, r.CaseCount, r.PassThreshold, r.CreatedAt, k.VoidedAt
FROM OPENJSON(@SuiteIds) j
CROSS APPLY (SELECT TOP (@Limit) i.Id, i.SuiteId, i.Status, i.PassRate, i.PassedCount, i.CaseCount, i.PassThreshold, i.CreatedAt
             FROM {schema}EvaluationRun i
             WHERE i.SuiteId = CAST(j.value AS bigint)
             ORDER BY i.Id DESC) r
LEFT JOIN {schema}RunLook k ON k.RunId = r.Id
UNION ALL
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.PassedCount, r.CaseCount, r.PassThreshold, r.CreatedAt, k.VoidedAt
FROM OPENJSON(@SuiteIds) j
CROSS APPLY (SELECT TOP (@Limit) i.Id, i.SuiteId, i.Status, i.PassRate, i.PassedCount, i.CaseCount, i.PassThreshold, i.CreatedAt
             FROM {schema}EvaluationRunArchive i
             WHERE i.SuiteId = CAST(j.value AS bigint)
             ORDER BY i.Id DESC) r
LEFT JOIN {schema}RunLook k ON k.RunId = r.Id;

-- list: case preview columns
Id AS TestCaseId, Ordinal, CaseKey, Name, LEFT(Input, @PreviewLength) AS Input, DATALENGTH(Input) / 2 AS InputLength,
LEFT(ExpectedOutput, @PreviewLength) AS ExpectedOutput, DATALENGTH(ExpectedOutput) / 2 AS ExpectedLength, Scoring, Weight, Tags, MustPass

-- name: ListSuiteCases
-- The next cases of a suite revision after an ordinal, for reading. Long texts are cut; their lengths are returned, too.
-- Parameters: @SuiteId bigint, @Revision int, @AfterOrdinal int, @PreviewLength int, @Limit int
SELECT TOP (@Limit) {case preview columns}
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal;

-- name: CompareRevisions
-- Which cases differ between two revisions of a suite, within a range of ordinals: a page of them, by ordinal, and the number of each kind.
-- Cases are matched by key. Added: OldId is null; removed: NewId is null, and the ordinal is that of the old revision.
-- Texts are compared in binary form and by length, because a comparison ignores spaces at the end.
-- Parameters: @SuiteId bigint, @OldRevision int, @NewRevision int, @AfterOrdinal int, @LastOrdinal int, @Limit int, @Offset int
SELECT x.OldId, x.NewId, SUM(CASE WHEN x.OldId IS NULL THEN 1 ELSE 0 END) OVER () AS AddedCount, SUM(CASE WHEN x.NewId IS NULL THEN 1 ELSE 0 END) OVER () AS RemovedCount, COUNT(*) OVER () AS Total
FROM (SELECT o.Id AS OldId, n.Id AS NewId, n.Ordinal
      FROM {schema}TestCase n
      LEFT JOIN {schema}TestCase o ON o.SuiteId = @SuiteId AND o.Revision = @OldRevision AND o.CaseKey = n.CaseKey
      WHERE n.SuiteId = @SuiteId AND n.Revision = @NewRevision AND n.Ordinal > @AfterOrdinal AND n.Ordinal <= @LastOrdinal
        AND (o.Id IS NULL OR DATALENGTH(o.Name) <> DATALENGTH(n.Name) OR o.Name COLLATE Latin1_General_BIN2 <> n.Name COLLATE Latin1_General_BIN2
             OR DATALENGTH(o.Input) <> DATALENGTH(n.Input) OR o.Input COLLATE Latin1_General_BIN2 <> n.Input COLLATE Latin1_General_BIN2
             OR COALESCE(DATALENGTH(o.ExpectedOutput), -1) <> COALESCE(DATALENGTH(n.ExpectedOutput), -1) OR o.ExpectedOutput COLLATE Latin1_General_BIN2 <> n.ExpectedOutput COLLATE Latin1_General_BIN2
             OR DATALENGTH(o.Scoring) <> DATALENGTH(n.Scoring) OR o.Scoring COLLATE Latin1_General_BIN2 <> n.Scoring COLLATE Latin1_General_BIN2
             OR o.Weight <> n.Weight OR DATALENGTH(o.Tags) <> DATALENGTH(n.Tags) OR o.Tags COLLATE Latin1_General_BIN2 <> n.Tags COLLATE Latin1_General_BIN2 OR o.MustPass <> n.MustPass)
      UNION ALL
      SELECT o.Id, NULL, o.Ordinal
      FROM {schema}TestCase o
      LEFT JOIN {schema}TestCase n ON n.SuiteId = @SuiteId AND n.Revision = @NewRevision AND n.CaseKey = o.CaseKey
      WHERE o.SuiteId = @SuiteId AND o.Revision = @OldRevision AND o.Ordinal > @AfterOrdinal AND o.Ordinal <= @LastOrdinal AND n.Id IS NULL) x
ORDER BY x.Ordinal, x.NewId
OFFSET @Offset ROWS FETCH NEXT @Limit ROWS ONLY;
