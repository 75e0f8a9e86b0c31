-- When an ended run came back from the archive; it then stays among the live ones for another Retention:Days.
ALTER TABLE eval.EvaluationRun ADD RestoredAt datetime2(3) NULL;
GO
