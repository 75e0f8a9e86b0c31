-- Results without a verdict for a cause that another attempt may not meet: an agent or a judge that was away for a while.
ALTER TABLE eval.TestCaseResult ADD AskAgain bit NOT NULL CONSTRAINT DF_TestCaseResult_AskAgain DEFAULT 0;
ALTER TABLE eval.TestCaseResultArchive ADD AskAgain bit NOT NULL CONSTRAINT DF_TestCaseResultArchive_AskAgain DEFAULT 0;

-- The completed run whose verdicts a run keeps: it asks only the cases that had none, and takes its place as evidence when it completes.
ALTER TABLE eval.EvaluationRun ADD ContinuesRunId bigint NULL;
ALTER TABLE eval.EvaluationRunArchive ADD ContinuesRunId bigint NULL;
GO
