-- Gives a run that someone else than its worker has just ended the figures of the results it has. Runs after FailExhaustedRuns or CancelRun in the same transaction.
UPDATE EvaluationRun
SET PassRate = @PassRate, OverallScore = @OverallScore,
    PassedCount = @PassedCount, FailedCount = @FailedCount, ErroredCount = @ErroredCount, UnscoredCount = @UnscoredCount,
    InputTokens = @InputTokens, OutputTokens = @OutputTokens, Cost = @Cost
WHERE Id = @RunId AND Status IN ('FAILED', 'CANCELLED');
