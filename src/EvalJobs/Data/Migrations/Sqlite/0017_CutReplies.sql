-- Replies that a length limit cut, by result and counted by run. Null for those of before: nobody looked.
ALTER TABLE TestCaseResult ADD COLUMN IsCut INTEGER NULL;
ALTER TABLE TestCaseResultArchive ADD COLUMN IsCut INTEGER NULL;
ALTER TABLE EvaluationRun ADD COLUMN CutCount INTEGER NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN CutCount INTEGER NULL;
