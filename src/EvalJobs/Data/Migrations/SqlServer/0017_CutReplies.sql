-- Replies that a length limit cut, by result and counted by run. Null for those of before: nobody looked.
ALTER TABLE eval.TestCaseResult ADD IsCut bit NULL;
ALTER TABLE eval.TestCaseResultArchive ADD IsCut bit NULL;
ALTER TABLE eval.EvaluationRun ADD CutCount int NULL;
ALTER TABLE eval.EvaluationRunArchive ADD CutCount int NULL;
GO
