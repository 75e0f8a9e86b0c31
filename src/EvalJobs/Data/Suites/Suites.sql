-- list: suite columns
Id, TenantId, Name, Description, Revision, PassThreshold, IsDefault, Tags, CreatedAt

-- list: case columns
Id, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight, Tags, MustPass

-- name: DropUnpublishedSuite
-- Deletes a new suite whose cases were not stored: it has revision 0 and no cases.
-- Parameters: @SuiteId bigint
DELETE FROM {schema}EvaluationSuite
WHERE Id = @SuiteId AND Revision = 0 AND NOT EXISTS (SELECT 1 FROM {schema}TestCase c WHERE c.SuiteId = @SuiteId);

-- name: GetSuite
-- One suite by id.
-- Parameters: @SuiteId bigint
SELECT {suite columns}
FROM {schema}EvaluationSuite
WHERE Id = @SuiteId;

-- name: FindSuite
-- One suite by name, even if its first cases are still being stored (revision 0).
-- Parameters: @TenantId bigint, @Name nvarchar(200)
SELECT {suite columns}
FROM {schema}EvaluationSuite
WHERE TenantId = @TenantId AND Name = @Name;

-- name: FindDefaultSuite
-- The suite a tenant's versions are evaluated with when they enter TESTING.
-- Parameters: @TenantId bigint
SELECT {suite columns}
FROM {schema}EvaluationSuite
WHERE TenantId = @TenantId AND IsDefault = 1;

-- name: ClearDefaultSuite
-- Clears the default suite, so that another one can be set.
-- Parameters: @TenantId bigint
UPDATE {schema}EvaluationSuite
SET IsDefault = 0
WHERE TenantId = @TenantId AND IsDefault = 1;

-- name: ListSuites
-- A tenant's suites by name, except one whose first cases are still being stored (revision 0).
-- Parameters: @TenantId bigint
SELECT {suite columns}
FROM {schema}EvaluationSuite
WHERE TenantId = @TenantId AND Revision > 0
ORDER BY Name;

-- name: ListSuiteSizes
-- How many cases each of a tenant's suites has at its current revision.
-- Parameters: @TenantId bigint
SELECT s.Id AS SuiteId, COUNT(*) AS CaseCount
FROM {schema}EvaluationSuite s
JOIN {schema}TestCase c ON c.SuiteId = s.Id AND c.Revision = s.Revision
WHERE s.TenantId = @TenantId
GROUP BY s.Id;

-- name: AddTestCase
-- Adds one case to a suite revision.
-- Parameters: @SuiteId bigint, @Revision int, @Ordinal int, @CaseKey nvarchar(200), @Name nvarchar(400), @Input nvarchar(max), @ExpectedOutput nvarchar(max), @Scoring nvarchar(max), @Weight float, @Tags nvarchar(max), @MustPass bit
INSERT INTO {schema}TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight, Tags, MustPass)
VALUES (@SuiteId, @Revision, @Ordinal, @CaseKey, @Name, @Input, @ExpectedOutput, @Scoring, @Weight, @Tags, @MustPass);

-- name: CountTestCases
-- How many cases a suite revision has.
-- Parameters: @SuiteId bigint, @Revision int
SELECT COUNT(*) AS CaseCount
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision;

-- name: ListRevisionSizes
-- How many cases each of a suite's revisions from @First to @Last has.
-- Parameters: @SuiteId bigint, @First int, @Last int
SELECT Revision, COUNT(*) AS CaseCount
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision >= @First AND Revision <= @Last
GROUP BY Revision;

-- name: ListTestCases
-- The next cases of a suite revision after an ordinal.
-- Parameters: @SuiteId bigint, @Revision int, @AfterOrdinal int, @Limit int
SELECT {top @Limit} {case columns}
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Revision = @Revision AND Ordinal > @AfterOrdinal
ORDER BY Ordinal
{limit @Limit};

-- name: ListCasesById
-- These cases of a suite (@CaseIds, a JSON array), of any revision, for reading. Long texts are cut; their lengths are returned, too.
-- Parameters: @SuiteId bigint, @CaseIds nvarchar(max), @PreviewLength int
SELECT {case preview columns}
FROM {schema}TestCase
WHERE SuiteId = @SuiteId AND Id IN ({ids @CaseIds});
