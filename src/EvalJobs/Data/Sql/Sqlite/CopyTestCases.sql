-- Copies some cases of a suite revision (@FromRevision), by their ordinals, into another, but for those removed and replaced (JSON arrays of ordinals).
-- A case behind removed ones moves up by as many.
INSERT INTO TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
SELECT c.SuiteId, @Revision, c.Ordinal - (SELECT COUNT(*) FROM json_each(@Removed) j WHERE j.value < c.Ordinal), c.CaseKey, c.Name, c.Input, c.ExpectedOutput, c.Scoring, c.Weight
FROM TestCase c
WHERE c.SuiteId = @SuiteId AND c.Revision = @FromRevision AND c.Ordinal > @AfterOrdinal AND c.Ordinal <= @LastOrdinal
  AND c.Ordinal NOT IN (SELECT value FROM json_each(@Removed)) AND c.Ordinal NOT IN (SELECT value FROM json_each(@Replaced));
