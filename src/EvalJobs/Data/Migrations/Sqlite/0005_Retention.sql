-- When an ended run came back from the archive; it then stays among the live ones for another Retention:Days.
ALTER TABLE EvaluationRun ADD COLUMN RestoredAt INTEGER NULL;
