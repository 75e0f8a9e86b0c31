-- Copies some cases of a suite revision (@FromRevision), by their ordinals, into another, but for those removed and replaced (JSON arrays of ordinals).
-- A case behind removed ones moves up by as many.
-- Some, because SQL Server locks the whole table when one statement takes some 5000 rows of it.
-- Parameters: @SuiteId bigint, @FromRevision int, @Revision int, @AfterOrdinal int, @LastOrdinal int, @Removed nvarchar(max), @Replaced nvarchar(max)
INSERT INTO eval.TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
SELECT c.SuiteId, @Revision, c.Ordinal - (SELECT COUNT(*) FROM OPENJSON(@Removed) r WHERE CAST(r.value AS int) < c.Ordinal), c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Scoring, c.Weight
FROM eval.TestCase c
WHERE c.SuiteId = @SuiteId AND c.Revision = @FromRevision AND c.Ordinal > @AfterOrdinal AND c.Ordinal <= @LastOrdinal
  AND c.Ordinal NOT IN (SELECT CAST(j.value AS int) FROM OPENJSON(@Removed) j) AND c.Ordinal NOT IN (SELECT CAST(k.value AS int) FROM OPENJSON(@Replaced) k);
