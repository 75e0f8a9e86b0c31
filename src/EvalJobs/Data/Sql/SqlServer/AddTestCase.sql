-- Adds one case to a suite revision.
-- Parameters: @SuiteId bigint, @Revision int, @Ordinal int, @CaseKey nvarchar(200), @Name nvarchar(400), @Input nvarchar(max), @ExpectedOutput nvarchar(max), @Scoring nvarchar(max), @Weight float
INSERT INTO eval.TestCase (SuiteId, Revision, Ordinal, CaseKey, Name, Input, ExpectedOutput, Scoring, Weight)
VALUES (@SuiteId, @Revision, @Ordinal, @CaseKey, @Name, @Input, @ExpectedOutput, @Scoring, @Weight);
