-- Attempt grows with every claim: it is the fence. FailedAttempts counts those that failed by the run's own fault. DeathCount counts the processes that
-- vanished, one after the other, while they worked the run; IsAlone says that the run is worked with no other beside it because of them;
-- RescuedFrom says whose death was counted last, so that a process that was only cut off can take it back.
ALTER TABLE eval.EvaluationRun ADD
    FailedAttempts int NOT NULL CONSTRAINT DF_EvaluationRun_FailedAttempts DEFAULT 0,
    DeathCount int NOT NULL CONSTRAINT DF_EvaluationRun_DeathCount DEFAULT 0,
    IsAlone bit NOT NULL CONSTRAINT DF_EvaluationRun_IsAlone DEFAULT 0,
    RescuedFrom nvarchar(200) NULL;
ALTER TABLE eval.EvaluationRunArchive ADD
    FailedAttempts int NOT NULL CONSTRAINT DF_EvaluationRunArchive_FailedAttempts DEFAULT 0,
    DeathCount int NOT NULL CONSTRAINT DF_EvaluationRunArchive_DeathCount DEFAULT 0;
GO

-- Until now Attempt counted the failed attempts and the one under way.
UPDATE eval.EvaluationRun SET FailedAttempts = CASE WHEN Status IN ('PENDING', 'FAILED') OR Attempt = 0 THEN Attempt ELSE Attempt - 1 END;
GO
