-- Adds one case to a suite revision.
INSERT INTO TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
VALUES (@SuiteId, @Revision, @Ordinal, @CaseKey, @Name, @Input, @ExpectedOutput, @Scoring, @Weight);
