-- name: AddSuite
-- Adds a suite without cases: revision 0, which no list contains. ReviseSuite makes it 1 once its cases are stored.
INSERT INTO {schema}EvaluationSuite (TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags)
VALUES (@TenantId, @Name, '', 0, 1, 0, '[]')
RETURNING {suite columns};

-- name: ReviseSuite
-- Gives a suite its next revision, unless another transaction has. The cases of the old revision stay for the runs that used them.
UPDATE {schema}EvaluationSuite
SET Revision = @Revision, Name = @Name, Description = @Description, PassThreshold = @PassThreshold, IsDefault = @IsDefault, Tags = @Tags
WHERE Id = @SuiteId AND Revision = @Revision - 1
RETURNING {suite columns};

-- name: CopyTestCases
-- Copies some cases of a suite revision (@FromRevision), by their ordinals, to another revision, except those removed and replaced (JSON arrays of ordinals).
-- A case after removed ones moves up by their number.
INSERT INTO {schema}TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight, Tags, MustPass)
SELECT c.SuiteId, @Revision, c.Ordinal - (SELECT COUNT(*) FROM json_each(@Removed) j WHERE j.value < c.Ordinal), c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Scoring, c.Weight, c.Tags, c.MustPass
FROM {schema}TestCase c
WHERE c.SuiteId = @SuiteId AND c.Revision = @FromRevision AND c.Ordinal > @AfterOrdinal AND c.Ordinal <= @LastOrdinal
  AND c.Ordinal NOT IN (SELECT value FROM json_each(@Removed)) AND c.Ordinal NOT IN (SELECT value FROM json_each(@Replaced));

-- name: ListTakenCaseKeys
-- Which of these keys (@CaseKeys, a JSON array) the cases of a suite revision have.
SELECT CaseKey, Ordinal
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND CaseKey IN (SELECT value FROM json_each(@CaseKeys));

-- name: ListSuitePage
-- A page of suites, newest first, with their tenant, the cases of the current revision and their runs, counted up to @CountLimit in each place.
-- Not one whose first cases are still being stored (revision 0).
-- Null means any; a name and a tag are looked for among the next @Scan suites. SQLite plans before it knows whether a tenant is given: so there is a part for each case, of which one has an effect.
SELECT s.Id, s.TenantId, t.Slug AS TenantSlug, t.Name AS TenantName, s.Name, s.Revision, s.PassThreshold, s.IsDefault, s.Tags, s.CreatedAt,
       (SELECT COUNT(*) FROM {schema}TestCase c WHERE c.SuiteId = s.Id AND c.Revision = s.Revision) AS CaseCount,
       (SELECT COUNT(*) FROM (SELECT l.Id FROM {schema}EvaluationRun l WHERE l.SuiteId = s.Id LIMIT @CountLimit) x) AS RunCount,
       (SELECT COUNT(*) FROM (SELECT a.Id FROM {schema}EvaluationRunArchive a WHERE a.SuiteId = s.Id LIMIT @CountLimit) x) AS ArchivedRunCount
FROM {schema}EvaluationSuite s
JOIN {schema}Tenant t ON t.Id = s.TenantId
WHERE s.Id IN (SELECT x.Id
               FROM (SELECT Id, Name, Tags
                     FROM {schema}EvaluationSuite
                     WHERE @TenantId IS NULL AND Id < @BeforeId AND Revision > 0
                     UNION ALL
                     SELECT Id, Name, Tags
                     FROM {schema}EvaluationSuite
                     WHERE @TenantId IS NOT NULL AND TenantId = @TenantId AND Id < @BeforeId AND Revision > 0
                     ORDER BY Id DESC
                     LIMIT @Scan) x
               WHERE (@NamePattern IS NULL OR x.Name {like @NamePattern}) AND (@TagPattern IS NULL OR x.Tags {like @TagPattern})
               ORDER BY x.Id DESC
               LIMIT @Limit)
ORDER BY s.Id DESC;

-- name: ListSuiteRuns
-- The latest runs of each of these suites (@SuiteIds, a JSON array): at most @Limit live and @Limit archived ones each, read by key.
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.PassedCount, r.CaseCount, r.PassThreshold, r.CreatedAt, k.VoidedAt
FROM json_each(@SuiteIds) j
JOIN {schema}EvaluationRun r ON r.Id IN (SELECT i.Id FROM {schema}EvaluationRun i WHERE i.SuiteId = j.value ORDER BY i.Id DESC LIMIT @Limit)
LEFT JOIN {schema}RunLook k ON k.RunId = r.Id
UNION ALL
SELECT r.Id, r.SuiteId, r.Status, r.PassRate, r.PassedCount, r.CaseCount, r.PassThreshold, r.CreatedAt, k.VoidedAt
FROM json_each(@SuiteIds) j
JOIN {schema}EvaluationRunArchive r ON r.Id IN (SELECT i.Id FROM {schema}EvaluationRunArchive i WHERE i.SuiteId = j.value ORDER BY i.Id DESC LIMIT @Limit)
LEFT JOIN {schema}RunLook k ON k.RunId = r.Id;

-- list: case preview columns
Id AS TestCaseId, Ordinal, CaseKey, Name,
CASE WHEN INSTR(Input, CHAR(0)) > 0 THEN Input ELSE SUBSTR(Input, 1, @PreviewLength) END AS Input, LENGTH(Input) AS InputLength,
CASE WHEN INSTR(ExpectedOutput, CHAR(0)) > 0 THEN ExpectedOutput ELSE SUBSTR(ExpectedOutput, 1, @PreviewLength) END AS ExpectedOutput, LENGTH(ExpectedOutput) AS ExpectedLength,
Scoring, Weight, Tags, MustPass

-- name: ListSuiteCases
-- The next cases of a suite revision after an ordinal, for reading. Long texts are cut; their lengths are returned, too.
-- A text with a NUL character, at which SQLite's functions stop, is returned whole: the program cuts it.
SELECT {case preview columns}
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal
LIMIT @Limit;

-- name: CompareRevisions
-- Which cases differ between two revisions of a suite, within a range of ordinals: a page of them, by ordinal, and the number of each kind.
-- Cases are matched by key. Added: OldId is null; removed: NewId is null, and the ordinal is that of the old revision.
SELECT x.OldId, x.NewId, SUM(x.OldId IS NULL) OVER () AS AddedCount, SUM(x.NewId IS NULL) OVER () AS RemovedCount, COUNT(*) OVER () AS Total
FROM (SELECT o.Id AS OldId, n.Id AS NewId, n.Ordinal
      FROM {schema}TestCase n
      LEFT JOIN {schema}TestCase o ON o.SuiteId = @SuiteId AND o.Revision = @OldRevision AND o.CaseKey = n.CaseKey
      WHERE n.SuiteId = @SuiteId AND n.Revision = @NewRevision AND n.Ordinal > @AfterOrdinal AND n.Ordinal <= @LastOrdinal
        AND (o.Id IS NULL OR o.Name <> n.Name OR o.Input <> n.Input OR o.ExpectedOutput IS NOT n.ExpectedOutput
             OR o.Scoring <> n.Scoring OR o.Weight <> n.Weight OR o.Tags <> n.Tags OR o.MustPass <> n.MustPass)
      UNION ALL
      SELECT o.Id, NULL, o.Ordinal
      FROM {schema}TestCase o
      LEFT JOIN {schema}TestCase n ON n.SuiteId = @SuiteId AND n.Revision = @NewRevision AND n.CaseKey = o.CaseKey
      WHERE o.SuiteId = @SuiteId AND o.Revision = @OldRevision AND o.Ordinal > @AfterOrdinal AND o.Ordinal <= @LastOrdinal AND n.Id IS NULL) x
ORDER BY x.Ordinal, x.NewId
LIMIT @Limit OFFSET @Offset;
