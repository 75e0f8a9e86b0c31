-- Attempt grows with every claim: it is the fence. FailedAttempts counts those that failed by the run's own fault. DeathCount counts the processes that
-- vanished, one after the other, while they worked the run; IsAlone says that the run is worked with no other beside it because of them;
-- RescuedFrom says whose death was counted last, so that a process that was only cut off can take it back.
ALTER TABLE EvaluationRun ADD COLUMN FailedAttempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE EvaluationRun ADD COLUMN DeathCount INTEGER NOT NULL DEFAULT 0;
ALTER TABLE EvaluationRun ADD COLUMN IsAlone INTEGER NOT NULL DEFAULT 0;
ALTER TABLE EvaluationRun ADD COLUMN RescuedFrom TEXT NULL;
ALTER TABLE EvaluationRunArchive ADD COLUMN FailedAttempts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE EvaluationRunArchive ADD COLUMN DeathCount INTEGER NOT NULL DEFAULT 0;

-- Until now Attempt counted the failed attempts and the one under way.
UPDATE EvaluationRun SET FailedAttempts = CASE WHEN Status IN ('PENDING', 'FAILED') OR Attempt = 0 THEN Attempt ELSE Attempt - 1 END;
