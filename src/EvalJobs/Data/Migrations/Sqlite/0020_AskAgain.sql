-- Results without a verdict for a cause that another attempt may not meet: an agent or a judge that was away for a while.
ALTER TABLE TestCaseResult ADD COLUMN AskAgain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE TestCaseResultArchive ADD COLUMN AskAgain INTEGER NOT NULL DEFAULT 0;

-- The completed run whose verdicts a run keeps: it asks only the cases that had none, and takes its place as evidence when it completes.
ALTER TABLE EvaluationRun ADD COLUMN ContinuesRunId INTEGER NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN ContinuesRunId INTEGER NULL;
